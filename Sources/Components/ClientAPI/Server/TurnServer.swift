import Crypto
import Foundation
import Matrix
import Web

extension ClientAPI {
    /// [`GET /voip/turnServer`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3voipturnserver);
    /// nothing where no server is configured, as clients expect it.
    func turnServer(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        guard let turn = config.turn else { return .empty }
        let login = turn.login(for: caller.userID, atSecond: Int64(Date().timeIntervalSince1970))
        return .object([
            "username": .string(login.username), "password": .string(login.password),
            "uris": .array(turn.uris.map { .string($0) }), "ttl": .integer(turn.lifetimeSeconds),
        ])
    }
}

extension ClientAPIConfig {
    /// The servers that carry calls between clients that do not reach each other.
    public struct Turn: Sendable {
        public var uris: [String]
        public var lifetimeSeconds: Int64
        public var credentials: Credentials

        public enum Credentials: Sendable {
            /// A name for each user, whose password the servers know to be right by a secret that they share with us.
            case sharedSecret(String)
            /// The same for everybody.
            case fixed(username: String, password: String)
        }

        public init(uris: [String], lifetimeSeconds: Int64 = 86_400, credentials: Credentials) {
            self.uris = uris
            self.lifetimeSeconds = lifetimeSeconds
            self.credentials = credentials
        }

        /// [A REST API for access to TURN services](https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00)
        func login(for userID: String, atSecond now: Int64) -> (username: String, password: String) {
            switch credentials {
            case .fixed(let username, let password): return (username, password)
            case .sharedSecret(let secret):
                let username = "\(now + lifetimeSeconds):\(userID)"
                let code = HMAC<Insecure.SHA1>.authenticationCode(
                    for: Array(username.utf8), using: SymmetricKey(data: Array(secret.utf8)))
                return (username, Data(code).base64EncodedString())
            }
        }
    }
}
