import Logging
import Matrix
import ServiceLifecycle
import Synchronization
import TestSupport
import Web

/// An identity server: it knows `known@b.test`, keeps invites for whoever has other addresses, and what it is asked.
final class TestIdentityServer: Sendable {
    private let asked = Mutex<[String]>([])

    /// What was asked in order, and in whose name: `method path authorization`.
    var requests: [String] { asked.withLock { $0 } }

    /// Runs one, named as clients name it, and a client that believes its certificate.
    static func run(_ body: @Sendable (TestIdentityServer, _ name: String, HTTPClient) async throws -> Void) async throws {
        try await TestCertificate.withFiles { certificate, key in
            let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let identity = TestIdentityServer()
            let server = HTTPServer(
                listen: ListenAddress(host: "127.0.0.1", port: 0), tls: TLSFiles(certificate: certificate, key: key),
                responder: Responder(router: Router(identity.endpoints), logger: quiet), logger: quiet)
            var options = HTTPClient.Options()
            options.trustedCertificates = certificate
            let client = HTTPClient(options)
            let services = ServiceGroup(services: [server], logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                try await body(identity, "localhost:\(server.boundAddress.port)", client)
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    private var endpoints: [Endpoint] {
        let base = "/_matrix/identity/v2"
        return [
            .get("\(base)/hash_details", .open) { [self] in
                note($0)
                return try .json(["lookup_pepper": "pepper", "algorithms": ["none", "sha256"]] as JSON)
            },
            .post("\(base)/lookup", .open) { [self] in
                note($0)
                // SHA-256 of `known@b.test email pepper`, unpadded base64 for URLs.
                return try .json(["mappings": ["D6jSP8getW_LH9k5W_ZeJKCBP7ea92hncXx2Ek3RBSM": "@known:test"]] as JSON)
            },
            .post("\(base)/store-invite", .open) { [self] in
                note($0)
                let key: JSON = ["public_key": "key", "key_validity_url": "https://id.test/valid"]
                return try .json(["token": "kept", "public_keys": [key], "display_name": "n...@b..."] as JSON)
            },
            .post("\(base)/3pid/bind", .open) { [self] in
                note($0)
                let sid = try JSON(parsing: $0.body)["sid"]?.string
                guard sid == "proved" else { throw MatrixError(status: 400, errcode: "M_SESSION_NOT_VALIDATED", error: "Not yet") }
                return try .json(["medium": "email", "address": "known@b.test", "mxid": "@a:test"] as JSON)
            },
            .post("\(base)/3pid/unbind", .open) { [self] in
                note($0)
                return .empty
            },
        ]
    }

    private func note(_ request: Request) {
        let authorization = request.headers["Authorization"]?.split(separator: ",").first ?? ""
        asked.withLock { $0.append("\(request.method.rawValue) \(request.path.split(separator: "v2/").last ?? "") \(authorization)") }
    }
}
