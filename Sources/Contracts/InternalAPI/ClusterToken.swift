import Matrix
import Web

/// The secret that the processes of a cluster share (`global.internal_api_token`): a caller without it is refused.
public struct ClusterToken: Sendable {
    static let header = "X-Cluster-Token"
    private let token: [UInt8]?

    /// Without a token everybody is let in who can reach the listener.
    public init(_ token: String?) { self.token = token.flatMap { $0.isEmpty ? nil : Array($0.utf8) } }

    /// Compared in constant time; `M_UNAUTHORIZED` where it is not the same. A browser, which says where its page is from, is
    /// refused in any case: a page elsewhere could have it ask a listener on loopback.
    func check(_ request: Request) throws {
        guard request.headers["Origin"] == nil else { throw MatrixError.unauthorized("Unauthorized") }
        guard let token else { return }
        guard let given = request.headers[Self.header], constantTimeEqual(Array(given.utf8), token) else {
            throw MatrixError.unauthorized("Unauthorized")
        }
    }
}
