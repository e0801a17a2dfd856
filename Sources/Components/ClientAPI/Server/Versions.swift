import Matrix
import Web

extension ClientAPI {
    /// [`GET /versions`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientversions)
    func versions(_: Request) async throws -> Response { Self.supportedVersions }

    private static let supportedVersions: Response = {
        let names =
            ["r0.0.1", "r0.1.0", "r0.2.0", "r0.3.0", "r0.4.0", "r0.5.0", "r0.6.0", "r0.6.1"]
            + (1...19).map { "v1.\($0)" }
        let body: JSONObject = ["versions": .array(names.map { .string($0) }), "unstable_features": [:]]
        return .object(body)
    }()
}
