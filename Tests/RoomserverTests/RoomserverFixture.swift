import Contracts
import Foundation
import InternalAPI
import Logging
import Matrix
import RoomRules
import SQL
import TestSupport
import Testing
import Topics

@testable import Roomserver

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
let server = "example.org"
let alice = "@alice:example.org", bob = "@bob:example.org", carol = "@carol:example.org"

/// A bus that hands what is published to the test.
final class RecordingBus: Bus {
    struct Message: Sendable {
        var topic: String, key: String, id: String, seq: Int64?, bytes: [UInt8], requestID: String?
    }
    let messages: AsyncStream<Message>
    private let continuation: AsyncStream<Message>.Continuation

    init() { (messages, continuation) = AsyncStream.makeStream() }

    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        continuation.yield(Message(topic: topic, key: key, id: id, seq: seq, bytes: bytes, requestID: requestID))
    }
    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {}
    func signal(_ subject: String, _ bytes: [UInt8]) async {}
    func signals(_ subject: String) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
    var reconnections: AsyncStream<Void> { AsyncStream { $0.finish() } }
}

/// One signing key for the tests of this process.
let signingKey: SigningKey = {
    guard let key = try? SigningKey(id: "ed25519:test", seed: Array(1...32)) else { preconditionFailure("no key") }
    return key
}()

func makeRoomserver(_ database: Database, bus: any Bus = RecordingBus()) async throws -> Roomserver {
    try await Roomserver(
        config: RoomserverConfig(serverName: server, signingKey: signingKey), database: database, bus: bus, logger: quiet)
}

/// Runs a test with a roomserver on a new database.
func withRoomserver(_ kind: TestDatabase, _ body: (Roomserver) async throws -> Void) async throws {
    try await kind.with { database in
        try await body(makeRoomserver(database))
        try await expectTablesToAgree(database)
    }
}

func draft(
    _ type: String, _ content: JSONObject = [:], state stateKey: String? = nil, by sender: String = alice,
    redacts: String? = nil
) -> Draft {
    Draft(type: type, stateKey: stateKey, sender: sender, content: RawJSON(content), redacts: redacts)
}

func message(_ body: String, by sender: String = alice) -> Draft {
    draft("m.room.message", ["msgtype": "m.text", "body": .string(body)], by: sender)
}

/// What a new room begins with.
struct RoomOptions {
    var version: String? = nil
    var joinRule = "public"
    var visibility = "shared"
    var levels: JSONObject? = nil
    var extra: [Draft] = []
    var alias: String? = nil
    var published = false
    var creationContent: JSONObject = [:]
    var key = UUID().uuidString
}

extension RoomserverAPI {
    @discardableResult
    func createRoom(by creator: String = alice, _ change: (inout RoomOptions) -> Void = { _ in }) async throws -> String {
        var options = RoomOptions()
        change(&options)
        let version = options.version.flatMap(RoomVersion.init(rawValue:)) ?? .default
        let levels = options.levels ?? PowerLevels.initialContent(creator: creator, version: version)
        let drafts = [
            draft("m.room.member", ["membership": "join"], state: creator, by: creator),
            draft("m.room.power_levels", levels, state: "", by: creator),
            draft("m.room.join_rules", ["join_rule": .string(options.joinRule)], state: "", by: creator),
            draft("m.room.history_visibility", ["history_visibility": .string(options.visibility)], state: "", by: creator),
        ]
        return try await call(
            CreateRoom(
                key: options.key, creator: creator, roomVersion: options.version,
                creationContent: RawJSON(options.creationContent),
                drafts: drafts + options.extra, alias: options.alias, published: options.published)
        ).roomID
    }

    @discardableResult
    func send(_ drafts: Draft..., to room: String, transaction: String? = nil) async throws -> String {
        let key = transaction.map {
            TransactionKey(userID: alice, deviceID: "DEVICE", endpoint: "send", transactionID: $0)
        }
        return try await call(SendEvents(roomID: room, drafts: drafts, transaction: key)).eventIDs.last ?? ""
    }

    @discardableResult
    func move(
        _ action: ChangeMembership.Action, _ target: String, by sender: String? = nil, in room: String,
        _ content: JSONObject = [:]
    ) async throws -> ChangeMembership.Reply {
        try await call(
            ChangeMembership(
                roomID: room, action: action, sender: sender ?? target, target: target, content: RawJSON(content)))
    }

    func joinedRooms(of user: String) async throws -> [String] {
        try await call(QueryJoinedRooms(userID: user)).roomIDs
    }

    func room(named alias: String) async throws -> String { try await call(QueryRoomAlias(alias: alias)).roomID }

    func wholeState(of room: String, asSeenBy user: String) async throws -> [RawJSON] {
        try await call(QueryRoomState(roomID: room, userID: user)).events.parsed().array?.map { RawJSON($0) } ?? []
    }

    func members(
        of room: String, asSeenBy user: String, in membership: String? = nil, not: String? = nil, at event: String? = nil
    ) async throws -> [String] {
        let query = QueryMembers(roomID: room, userID: user, membership: membership, notMembership: not, atEvent: event)
        return try await call(query).events.parsed().array?.compactMap { $0["state_key"]?.string } ?? []
    }

    func joinedMembers(of room: String, asSeenBy user: String) async throws -> [String: QueryJoinedMembers.Member] {
        try await call(QueryJoinedMembers(roomID: room, userID: user)).joined
    }

    func forget(_ room: String, by user: String) async throws { _ = try await call(ForgetRoom(roomID: room, userID: user)) }

    func listed(
        _ term: String? = nil, types: [String?]? = nil, limit: Int = 10, since: String? = nil, network: String? = nil,
        allNetworks: Bool? = nil
    ) async throws -> QueryPublicRooms.Reply {
        try await call(
            QueryPublicRooms(
                searchTerm: term, roomTypes: types, limit: limit, since: since, network: network, includesAllNetworks: allNetworks))
    }

    func membership(of user: String, in room: String) async throws -> String {
        try await call(QueryMembership(roomID: room, userID: user)).membership
    }

    func state(_ type: String, _ stateKey: String = "", in room: String, asSeenBy user: String = alice) async throws -> JSONObject
    {
        try await call(QueryStateEvent(roomID: room, userID: user, type: type, stateKey: stateKey)).event.object ?? [:]
    }

    func event(_ eventID: String, in room: String, asSeenBy user: String = alice) async throws -> JSONObject {
        try await call(QueryEvent(roomID: room, eventID: eventID, userID: user)).event.object ?? [:]
    }

    /// Everything in a room's log.
    func log(of room: String) async throws -> [OutputEvent.NewEvent] {
        var events: [OutputEvent.NewEvent] = []
        while true {
            let page = try await call(QueryOutput(roomID: room, after: Int64(events.count), limit: 100)).messages
            for message in page {
                #expect(message.seq == Int64(events.count) + 1)
                guard case .newEvent(let event) = try JSONCoder.decode(OutputEvent.self, from: message.message) else { continue }
                events.append(event)
            }
            if page.isEmpty { return events }
        }
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
