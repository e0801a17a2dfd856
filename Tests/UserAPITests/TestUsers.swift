import Contracts
import Logging
import Mail
import Matrix
import SQL
import TestSupport
import Testing
import UserAPI

/// A userapi on a new database, with cheap passwords.
struct TestUsers {
    let users: UserServer
    let bus: RecordingBus
    let database: Database

    init(
        _ database: Database, email: UserAPIConfig.Email? = nil, configure: (inout UserAPIConfig) -> Void = { _ in }
    ) async throws {
        self.database = database
        bus = RecordingBus()
        var config = UserAPIConfig(serverName: "test", bcryptCost: 4, email: email)
        configure(&config)
        users = try await UserServer(config: config, database: database, bus: bus, logger: Logger(label: "tests"))
    }

    static func on(_ kind: TestDatabase, _ body: (TestUsers) async throws -> Void) async throws {
        try await kind.with { try await body(TestUsers($0)) }
    }

    /// The same, with mails.
    static func on(
        _ kind: TestDatabase, mailingBy server: TestMailServer, _ body: (TestUsers) async throws -> Void
    ) async throws {
        let from = try #require(Mailbox("Test <test@example.org>"))
        let email = UserAPIConfig.Email(
            smtp: SMTPOptions(host: "127.0.0.1", port: server.port), from: from, clientURL: "https://matrix.example.org")
        try await kind.with { try await body(TestUsers($0, email: email)) }
    }

    /// An account with one device, whose token is `<localpart>'s token`.
    @discardableResult
    func register(_ localpart: String, password: String = "correct horse") async throws -> RegisterAccount.Reply {
        try await users.call(
            RegisterAccount(
                localpart: localpart, password: password, kind: .user, isAdmin: false,
                device: NewDevice(accessToken: "\(localpart)'s token")))
    }

    func isLoggedIn(_ token: String) async throws -> Bool {
        do {
            _ = try await users.call(QueryAccessToken(token: token))
            return true
        } catch let error as MatrixError where error.errcode == "M_UNKNOWN_TOKEN" {
            return false
        }
    }
}

/// The errcode with which something is refused.
func errcode(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as MatrixError {
        return error.errcode
    } catch {
        return "\(error)"
    }
}
