import Contracts
import Delivery
import Foundation
import Logging
import Matrix
import RoomRules
import Roomserver
import SQL
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Topics
import UserAPI
import Web

@testable import SyncAPI

let server = "example.org"
let alice = "@alice:example.org", bob = "@bob:example.org", carol = "@carol:example.org"
let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// A roomserver, a userapi and syncapis over one database and one bus.
final class World: Sendable {
    let database: Database
    let bus: any Bus
    /// The bus that does as it is told, unless the test runs on another.
    let local: LocalBus
    let rooms: Roomserver
    let users: UserServer
    let syncs: [SyncAPI]
    /// The first, or what came in its place.
    var sync: SyncAPI { replacement.withLock { $0 } ?? syncs[0] }

    private let replacement = Mutex<SyncAPI?>(nil)
    private let running = Mutex<[Task<Void, Never>]>([])

    private init(_ database: Database, replicas: Int, buses others: [any Bus], presence: Bool) async throws {
        self.database = database
        local = LocalBus()
        let bus = others.first ?? local
        self.bus = bus
        rooms = try await Roomserver(
            config: RoomserverConfig(serverName: server, signingKey: try SigningKey(id: "ed25519:test", seed: Array(1...32))),
            database: database, bus: bus, logger: quiet)
        users = try await UserServer(
            config: UserAPIConfig(serverName: server, bcryptCost: 4), database: database, bus: bus, logger: quiet)
        var syncs: [SyncAPI] = []
        for bus in others.isEmpty ? Array(repeating: bus, count: replicas) : others {
            syncs.append(
                try await SyncAPI(
                    config: SyncAPIConfig(serverName: server, tellsPresence: presence), database: database, bus: bus,
                    roomserver: rooms, users: users, logger: quiet))
        }
        self.syncs = syncs
        for name in ["alice", "bob"] {
            _ = try await users.call(
                RegisterAccount(localpart: name, password: nil, kind: .user, isAdmin: false, device: nil))
        }
    }

    /// Runs a test in a new world.
    static func on(
        _ kind: TestDatabase, replicas: Int = 1, buses: [any Bus] = [], presence: Bool = false,
        _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await gate.enter {
            try await kind.with { database in
                let world = try await World(database, replicas: replicas, buses: buses, presence: presence)
                world.run(world.rooms.services + world.users.services)
                for sync in world.syncs {
                    // The first is the one that writes.
                    try await world.start(sync)
                }
                let result = await Task { try await body(world) }.result
                for index in 0..<world.running.withLock(\.count) { await world.stop(index) }
                try result.get()
            }
        }
    }

    private static let gate = Gate(places: 4)

    private func run(_ services: [any Service]) {
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                for service in services { group.addTask { try? await service.run() } }
            }
        }
        running.withLock { $0.append(task) }
    }

    /// Runs a syncapi's services, and returns when there is one that writes.
    private func start(_ sync: SyncAPI) async throws {
        run(sync.services)
        while try await database.read({ try Leases(prefix: "syncapi").isFree("projector", in: $0) }) {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Puts another process in the place of the first syncapi, which was stopped.
    func replaceSync() async throws {
        let sync = try await SyncAPI(
            config: SyncAPIConfig(serverName: server), database: database, bus: bus, roomserver: rooms, users: users, logger: quiet)
        replacement.withLock { $0 = sync }
        try await start(sync)
    }

    /// Stops the services of a syncapi, by its number from 1; 0: those of the others.
    func stop(_ number: Int) async {
        let task = running.withLock { $0[number] }
        task.cancel()
        await task.value
    }
}

// MARK: What people do

extension World {
    func createRoom(
        by creator: String = alice, visibility: String = "shared", joinRule: String = "public", version: String = "10"
    ) async throws -> String {
        let room = RoomVersion(rawValue: version) ?? .default
        let state: [(String, JSONObject)] = [
            ("m.room.power_levels", PowerLevels.initialContent(creator: creator, version: room)),
            ("m.room.join_rules", ["join_rule": .string(joinRule)]),
            ("m.room.history_visibility", ["history_visibility": .string(visibility)]),
        ]
        let member = Draft(
            type: "m.room.member", stateKey: creator, sender: creator, content: RawJSON(.object(["membership": "join"])))
        return try await rooms.call(
            CreateRoom(
                key: UUID().uuidString, creator: creator, roomVersion: version, creationContent: RawJSON(.object([:])),
                drafts: [member] + state.map { Draft(type: $0, stateKey: "", sender: creator, content: RawJSON(.object($1))) },
                alias: nil, published: false)
        ).roomID
    }

    @discardableResult
    func send(
        _ room: String, _ type: String, _ content: JSONObject, state: String? = nil, by sender: String = alice,
        redacts: String? = nil, transaction: TransactionKey? = nil
    ) async throws -> String {
        let draft = Draft(type: type, stateKey: state, sender: sender, content: RawJSON(.object(content)), redacts: redacts)
        let sent = try await rooms.call(SendEvents(roomID: room, drafts: [draft], transaction: transaction))
        return try #require(sent.eventIDs.last)
    }

    @discardableResult
    func say(_ text: String, in room: String, by sender: String = alice) async throws -> String {
        try await send(room, "m.room.message", ["msgtype": "m.text", "body": .string(text)], by: sender)
    }

    func move(_ action: ChangeMembership.Action, _ target: String, by sender: String? = nil, in room: String) async throws {
        _ = try await rooms.call(
            ChangeMembership(
                roomID: room, action: action, sender: sender ?? target, target: target, content: RawJSON(.object([:]))))
    }

    func setData(_ type: String, _ content: JSONObject, of user: String = alice, room: String? = nil) async throws {
        _ = try await users.call(SetAccountData(userID: user, roomID: room, type: type, content: RawJSON(.object(content))))
    }

    func type(
        _ user: String, in room: String, isTyping: Bool = true, lastsMS: Int64 = 60_000, clockIsAheadMS: Int64 = 0
    ) async throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000) + clockIsAheadMS
        let typing = Typing(
            roomID: room, userID: user, isTyping: isTyping, expiresTS: now + lastsMS, lastsMS: lastsMS)
        try await bus.publish(typing, to: .outputTypingEvent, key: room, id: UUID().uuidString)
    }

    func read(_ event: String, in room: String, by user: String, type: String = "m.read", thread: String? = nil) async throws {
        let receipt = Receipt(roomID: room, userID: user, type: type, eventID: event, threadID: thread, timestamp: 1)
        try await bus.publish(receipt, to: .outputReceiptEvent, key: room, id: UUID().uuidString)
    }

    func setPresence(_ state: Presence.State, of user: String, saying message: String? = nil) async throws {
        try await bus.publish(
            PresenceUpdate(userID: user, state: state, statusMessage: message), to: .outputPresenceEvent, key: user,
            id: UUID().uuidString)
    }
}

// MARK: What their clients ask

extension World {
    /// Asks a replica; nothing waits unless a timeout is given.
    func sync(
        _ user: String = alice, since: String? = nil, filter: JSON? = nil, timeoutMS: Int = 0, device: String = "DEVICE",
        at replica: Int = 0, _ more: String = ""
    ) async throws -> Answer {
        var target = "/_matrix/client/v3/sync?timeout=\(timeoutMS)\(more)"
        if let since { target += "&since=\(since)" }
        if let filter { target += "&filter=\(try encoded(filter))" }
        var request = Request(.get, target)
        request.caller = Caller(userID: user, deviceID: device)
        return Answer(try JSON(parsing: JSONCoder.encode(await (replica == 0 ? sync : syncs[replica]).sync(request))))
    }

    /// Syncs on until something is as it should be, and fails after some seconds.
    func awaitSync(
        _ user: String = alice, since: String, filter: JSON? = nil, at replica: Int = 0, until isIt: (Answer) -> Bool
    ) async throws -> Answer {
        var since = since
        for _ in 0..<20 {
            let answer = try await sync(user, since: since, filter: filter, timeoutMS: 1_000, at: replica)
            if isIt(answer) { return answer }
            since = answer.next
        }
        throw TestFailure("it never came")
    }

    func messages(
        _ room: String, _ user: String = alice, from: String? = nil, to: String? = nil, direction: String = "b", limit: Int = 10,
        filter: JSON? = nil
    ) async throws -> Answer {
        var target = "/_matrix/client/v3/rooms/x/messages?dir=\(direction)&limit=\(limit)"
        if let from { target += "&from=\(from)" }
        if let to { target += "&to=\(to)" }
        if let filter { target += "&filter=\(try encoded(filter))" }
        var request = Request(.get, target)
        request.caller = Caller(userID: user, deviceID: "DEVICE")
        request.parameters = Parameters(["roomId": room])
        return Answer(try JSON(parsing: JSONCoder.encode(await sync.messages(request))))
    }

    private func encoded(_ filter: JSON) throws -> String {
        let text = String(decoding: filter.serialized(), as: UTF8.self)
        return try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    }
}

/// The errcode with which something is refused.
func refusal(_ body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch let error as MatrixError {
        return error.errcode
    } catch {
        return "\(error)"
    }
}
