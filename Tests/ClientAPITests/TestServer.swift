import ClientAPI
import Contracts
import InternalAPI
import Logging
import Matrix
import RoomRules
import Roomserver
import TestSupport
import Testing
import Topics
import UserAPI
import Web

/// A clientapi in front of a userapi on a new SQLite database, asked without a connection.
struct TestServer: Sendable {
    let users: UserServer
    let rooms: Roomserver
    private let responder: Responder

    static func run(
        _ change: (inout ClientAPIConfig) -> Void = { _ in }, email: UserAPIConfig.Email? = nil, client: HTTPClient = HTTPClient(),
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        var config = ClientAPIConfig(serverName: "test")
        config.rateLimiting.isEnabled = false
        change(&config)
        let configured = config
        try await TestDatabase.sqlite.with { database in
            let logger = Logger(label: "tests"), bus = NoBus()
            let users = try await UserServer(
                config: UserAPIConfig(serverName: "test", bcryptCost: 4, email: email), database: database, bus: bus, logger: logger)
            let rooms = try await Roomserver(
                config: RoomserverConfig(
                    serverName: "test", signingKey: try SigningKey(id: "ed25519:test", seed: Array(1...32))),
                database: database, bus: bus, logger: logger)
            let api = ClientAPI(
                config: configured, users: users, rooms: rooms, sync: SyncClient(Switchboard(logger: logger)), bus: bus,
                client: client, logger: logger)
            let tokens = AccessTokens(users: users, bus: bus, believedFor: .zero)
            let responder = Responder(router: Router(api.endpoints), authenticator: tokens, logger: logger)
            try await body(TestServer(users: users, rooms: rooms, responder: responder))
        }
    }

    struct Answer: Sendable {
        var status: Int
        var body: JSON
        var headers: Headers
        subscript(key: String) -> JSON? { body[key] }
        var errcode: String? { body["errcode"]?.string }
    }

    /// Asks; a path without a leading slash is below `/_matrix/client/v3/`.
    func ask(
        _ method: Web.Method, _ path: String, _ body: JSONObject? = nil, token: String? = nil, from address: String? = nil
    ) async throws -> Answer {
        try await ask(method, path, bytes: body?.serialized() ?? [], token: token, from: address)
    }

    func ask(
        _ method: Web.Method, _ path: String, bytes: [UInt8], token: String? = nil, from address: String? = nil
    ) async throws -> Answer {
        let path = path.hasPrefix("/") ? path : "/_matrix/client/v3/\(path)"
        let headers: Headers = token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        let response = await responder.respond(
            to: Request(method, path, headers: headers, body: bytes, remoteAddress: address))
        guard case .bytes(let bytes) = response.body else { throw TestFailure("no body") }
        return Answer(status: response.status, body: try JSON(parsing: bytes), headers: response.headers)
    }

    /// What a browser is answered that opens a path.
    func open(_ path: String, _ method: Web.Method = .get, form: String = "") async throws -> Response {
        await responder.respond(to: Request(method, path, body: Array(form.utf8)))
    }

    struct User: Sendable {
        var userID: String
        var token: String
        var deviceID: String
    }

    func register(_ name: String, password: String = "correct horse") async throws -> User {
        try user(
            await ask(
                .post, "register",
                ["username": .string(name), "password": .string(password), "auth": ["type": "m.login.dummy"]]))
    }

    func registerAdministrator(_ name: String) async throws -> User {
        let token = "\(name)'s token"
        let made = try await users.call(
            RegisterAccount(
                localpart: name, password: "correct horse", kind: .user, isAdmin: true, device: NewDevice(accessToken: token)))
        return User(userID: made.userID, token: token, deviceID: try #require(made.deviceID))
    }

    func logIn(_ user: String, password: String = "correct horse", deviceID: String? = nil) async throws -> User {
        var body: JSONObject = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user)],
            "password": .string(password),
        ]
        body["device_id"] = deviceID.map { .string($0) }
        return try self.user(await ask(.post, "login", body))
    }

    private func user(_ answer: Answer) throws -> User {
        #expect(answer.status == 200)
        return User(
            userID: try #require(answer["user_id"]?.string), token: try #require(answer["access_token"]?.string),
            deviceID: try #require(answer["device_id"]?.string))
    }
}

/// A bus that carries nothing anywhere.
struct NoBus: Bus {
    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {}
    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {}
    func signal(_ subject: String, _ bytes: [UInt8]) async {}
    func signals(_ subject: String) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
    var reconnections: AsyncStream<Void> { AsyncStream { $0.finish() } }
}
