import Foundation
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import Setup
import Web

/// A homeserver in this process, with two users, a guest and two rooms: real components on SQLite and the built-in bus, without sockets.
final class World {
    /// What stands in written requests for what only this server knows.
    private(set) var known: [(name: String, value: String)] = []
    let errors = ErrorLog()
    private let folder: String
    private let household: Household
    private let group: ServiceGroup
    private let running: Task<Void, any Error>
    private let responder: Responder
    private let internals: Responder
    private let recorder: RecordingLink

    static let serverName = "fuzz.example"
    static let password = "a password"

    init() async throws {
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        folder = "\(base)/fuzz-\(getpid())-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration = try Configuration.load(Data(Self.configuration(folder).utf8), file: "fuzz.yaml", mode: .monolith)
        var recorder: RecordingLink?
        household = try await Household(configuration: configuration, logger: errors.logger) {
            let link = RecordingLink($0)
            recorder = link
            return link
        }
        guard let recorder else { throw Finding("nothing was linked") }
        self.recorder = recorder
        responder = household.responder()
        internals = household.internalResponder()
        let group = household.group
        self.group = group
        running = Task { try await group.run() }
        try await settle()
    }

    /// Ends everything, and takes the files away.
    func end() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
        await household.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The templates of everything that can be asked for, with their methods; internal calls by their paths.
    var endpoints: [(method: String, path: String)] {
        (household.endpoints + household.internalEndpoints).map { ($0.method.rawValue, $0.path) }
    }

    /// Internal calls as they were sent.
    var recordedCalls: [String: [[UInt8]]] { recorder.recorded }

    func respond(to written: WrittenRequest) async -> Response {
        let request = written.request(known)
        return await (request.path.hasPrefix("/api/") ? internals : responder).respond(to: request)
    }

    /// Logs the first user in again.
    func logIn() async throws {
        let body = "{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"},\"password\":\"\(Self.password)\",\"device_id\":\"D\"}"
        let answer = try await ask(WrittenRequest("POST", "/_matrix/client/v3/login", token: nil, body: body))
        learn("<token>", answer["access_token"]?.string)
    }

    private func learn(_ name: String, _ value: String?) {
        known.removeAll { $0.name == name }
        known.append((name, value ?? "none"))
    }

    private func ask(_ written: WrittenRequest) async throws -> JSON {
        let response = await respond(to: written)
        guard response.status == 200, case .bytes(let bytes) = response.body else {
            throw Finding("\(written.method) \(written.path) answers \(response.status) as the world is made: \(errors.taken())")
        }
        return try JSON(parsing: bytes)
    }

    private func settle() async throws {
        let client = "/_matrix/client/v3"
        learn("<alice>", "@alice:\(Self.serverName)")
        learn("<bob>", "@bob:\(Self.serverName)")
        func register(_ name: String) async throws -> String? {
            try await ask(
                WrittenRequest(
                    "POST", "\(client)/register", token: nil,
                    body: "{\"username\":\"\(name)\",\"password\":\"\(Self.password)\",\"device_id\":\"D\",\"auth\":{\"type\":\"m.login.dummy\"}}")
            )["access_token"]?.string
        }
        learn("<token>", try await register("alice"))
        learn("<bobs>", try await register("bob"))
        learn("<guest>", try await ask(WrittenRequest("POST", "\(client)/register?kind=guest", token: nil, body: "{}"))["access_token"]?.string)
        let room = "{\"preset\":\"public_chat\",\"name\":\"n\",\"topic\":\"t\",\"room_alias_name\":\"r\",\"visibility\":\"public\",\"invite\":[\"<bob>\"]}"
        learn("<room>", try await ask(WrittenRequest("POST", "\(client)/createRoom", body: room))["room_id"]?.string)
        learn("<old>", try await ask(WrittenRequest("POST", "\(client)/createRoom", body: "{\"room_version\":\"1\"}"))["room_id"]?.string)
        learn("<alias>", "#r:\(Self.serverName)")
        _ = try await ask(WrittenRequest("POST", "\(client)/join/<alias>", token: "<bobs>", body: "{}"))
        let message = "{\"msgtype\":\"m.text\",\"body\":\"b\"}"
        learn("<event>", try await ask(WrittenRequest("PUT", "\(client)/rooms/<room>/send/m.room.message/1", body: message))["event_id"]?.string)
        learn("<since>", try await ask(WrittenRequest("GET", "\(client)/sync"))["next_batch"]?.string)
        let media = try await ask(WrittenRequest("POST", "/_matrix/media/v3/upload?filename=a.txt", body: "text"))["content_uri"]?.string
        learn("<media>", media?.split(separator: "/").last.map(String.init))
        let filter = try await ask(WrittenRequest("POST", "\(client)/user/<alice>/filter", body: "{\"room\":{\"timeline\":{\"limit\":2}}}"))
        learn("<filter>", filter["filter_id"]?.string)
    }

    private static func configuration(_ folder: String) throws -> String {
        let key = """
            -----BEGIN MATRIX PRIVATE KEY-----
            Key-ID: ed25519:fuzz

            YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA0=
            -----END MATRIX PRIVATE KEY-----

            """
        try Data(key.utf8).write(to: URL(fileURLWithPath: "\(folder)/key.pem"))
        let databases = ["app_service_api", "federation_api", "key_server", "media_api", "room_server", "sync_api"]
            .map { "\($0): {\($0 == "media_api" ? "base_path: \(folder)/media, " : "")database: {connection_string: \"file:\(folder)/\($0).db\"}}" }
        return """
            version: 2
            global:
              server_name: \(serverName)
              private_key: \(folder)/key.pem
              well_known_client_name: https://fuzz.example
              well_known_server_name: fuzz.example:443
              jetstream: {in_memory: true}
            client_api: {registration_disabled: false, guests_disabled: false, registration_shared_secret: s, rate_limiting: {enabled: false}}
            user_api: {bcrypt_cost: 4, account_database: {connection_string: "file:\(folder)/user_api.db"}}
            \(databases.joined(separator: "\n"))
            """
    }
}
