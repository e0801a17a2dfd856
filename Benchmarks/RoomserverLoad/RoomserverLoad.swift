import Contracts
import Foundation
import InternalAPI
import Logging
import Matrix
import RoomRules
import Roomserver
import SQL
import ServiceLifecycle
import Topics

/// A roomserver in this process, with one room, for `Benchmarks/grow` and `Benchmarks/large`: does what it reads, line by line.
///
///     fill 9000     so many more users join, 64 at a time
///     join 500      so many more join, one after the other
///     send 500      so many messages are sent, one after the other
///     leave 10      so many leave
///
/// At first, when it is ready, it prints the room as a line of JSON; after each line what it did, how many, in how many seconds, and how
/// many members there are now.
@main
struct RoomserverLoad {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("RoomserverLoad DATABASE, and commands on standard input\n".utf8))
            exit(2)
        }
        let logger = Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }
        let database = try await Database.open(CommandLine.arguments[1], options: DatabaseOptions(name: "load"), logger: logger)
        let roomserver = try await Roomserver(
            config: RoomserverConfig(serverName: "bench.test", signingKey: SigningKey(id: "ed25519:bench", seed: Array(1...32))),
            database: database, bus: EmbeddedBus(storagePath: nil, durables: [], logger: logger), logger: logger)
        await withThrowingTaskGroup(of: Void.self) { group in
            for service in roomserver.services { group.addTask { try await service.run() } }
            do {
                var load = try await Load(roomserver)
                say(#"{"room": "\#(load.room)"}"#)
                while let line = readLine() { say(try await load.perform(line)) }
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            group.cancelAll()
        }
        await database.close()
    }

    /// Prints a line at once, also into a pipe.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}

/// One room, and those who have joined it.
struct Load {
    private let roomserver: Roomserver
    let room: String
    private var joined = 1
    private var sent = 0

    init(_ roomserver: Roomserver) async throws {
        self.roomserver = roomserver
        let creator = Self.user(0)
        let state: [(String, String, JSONObject)] = [
            ("m.room.member", creator, ["membership": "join"]),
            ("m.room.power_levels", "", PowerLevels.initialContent(creator: creator, version: .default)),
            ("m.room.join_rules", "", ["join_rule": "public"]),
            ("m.room.history_visibility", "", ["history_visibility": "shared"]),
        ]
        room = try await roomserver.call(
            CreateRoom(
                key: UUID().uuidString, creator: creator, roomVersion: nil, creationContent: RawJSON([:] as JSONObject),
                drafts: state.map { Draft(type: $0.0, stateKey: $0.1, sender: creator, content: RawJSON($0.2), redacts: nil) },
                alias: nil, published: false)
        ).roomID
    }

    private static func user(_ number: Int) -> String { "@user\(number):bench.test" }

    /// Does what a line says, and says what it took.
    mutating func perform(_ line: String) async throws -> String {
        let words = line.split(separator: " ")
        guard words.count == 2, let count = Int(words[1]), count > 0 else { throw LoadError(line: line) }
        let clock = ContinuousClock(), began = clock.now
        switch words[0] {
        case "fill": try await move(.join, joined..<(joined + count), together: 64)
        case "join": try await move(.join, joined..<(joined + count), together: 1)
        case "leave": try await move(.leave, (joined - count)..<joined, together: 1)
        case "send": try await send(count)
        default: throw LoadError(line: line)
        }
        joined += words[0] == "leave" ? -count : words[0] == "send" ? 0 : count
        let took = (clock.now - began) / .seconds(1)
        let answer: JSON = [
            "did": .string(line), "members": .integer(Int64(joined)), "count": .integer(Int64(count)), "seconds": .double(took),
        ]
        return String(decoding: answer.serialized(), as: UTF8.self)
    }

    private func move(_ action: ChangeMembership.Action, _ users: Range<Int>, together: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (running, number) in users.enumerated() {
                if running >= together { try await group.next() }
                group.addTask { [roomserver, room] in
                    let user = Self.user(number)
                    _ = try await roomserver.call(
                        ChangeMembership(
                            roomID: room, action: action, sender: user, target: user,
                            content: RawJSON(["displayname": .string("User \(number)")] as JSONObject)))
                }
            }
            try await group.waitForAll()
        }
    }

    private mutating func send(_ count: Int) async throws {
        for number in sent..<(sent + count) {
            let content: JSONObject = ["msgtype": "m.text", "body": .string("\(number) " + String(repeating: "x", count: 90))]
            let draft = Draft(
                type: "m.room.message", stateKey: nil, sender: Self.user(number % min(joined, 10)), content: RawJSON(content),
                redacts: nil)
            _ = try await roomserver.call(
                SendEvents(
                    roomID: room, drafts: [draft],
                    transaction: TransactionKey(
                        userID: draft.sender, deviceID: "LOAD", endpoint: "send", transactionID: "\(number)")))
        }
        sent += count
    }
}

/// A line that is not understood.
struct LoadError: Error, CustomStringConvertible {
    let line: String
    var description: String { "fill, join, send or leave, and a number: not \"\(line)\"" }
}
