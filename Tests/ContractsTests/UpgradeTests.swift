import Contracts
import Delivery
import Logging
import Matrix
import SQL
import Synchronization
import TestSupport
import Testing
import Topics

/// Two releases side by side.
@Suite(.serialized, .timeLimit(.minutes(2))) struct UpgradeTests {
    @Test func anEventOfANewerReleaseIsToldFromOneThatMakesNoSense() throws {
        func decode(_ json: String) throws -> OutputEvent { try JSONCoder.decode(OutputEvent.self, from: Array(json.utf8)) }
        #expect(throws: UnknownKind(OutputEvent.self)) { try decode(#"{"purged":{"_0":{"roomID":"!a:b"}}}"#) }
        #expect(throws: MatrixError.self) { try decode(#"{"forgotten":{"_0":{"roomID":1}}}"#) }
        let forgotten = OutputEvent.forgotten(.init(roomID: "!a:b", userID: "@a:b"))
        #expect(try decode(#"{"forgotten":{"_0":{"roomID":"!a:b","userID":"@a:b","added":[{}]}}}"#) == forgotten)
        #expect(try JSONCoder.decode(OutputEvent.self, from: JSONCoder.encode(forgotten)) == forgotten)
    }

    /// A message which only the newer release knows.
    private struct Told: Codable, Sendable {
        static let isKnown = Atomic(false)
        static let refusals = Atomic(0)
        var number: Int

        init(number: Int) { self.number = number }

        init(from decoder: any Decoder) throws {
            number = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .number)
            if number == 1, !Self.isKnown.load(ordering: .acquiring) {
                Self.refusals.add(1, ordering: .relaxed)
                throw UnknownKind(Told.self)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatAReaderDoesNotKnowYetIsKeptForOneThatDoes(kind: TestDatabase) async throws {
        Told.isKnown.store(false, ordering: .releasing)
        Told.refusals.store(0, ordering: .relaxed)
        let topic = Topic<Told>(name: "Told", retention: .interest)
        let durable = Durable(name: "Reader", topic: "Told", component: "test")
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let database = try await kind.open()
        let cursors = Cursors(prefix: "test"), setAside = SetAside(prefix: "test")
        try await database.migrate("test", cursors.migrations + setAside.migrations)
        try await database.migrate("effects", [Migration("0001") { ["CREATE TABLE effects (number \(.integer))"] }])
        let bus = try await EmbeddedBus(storagePath: nil, streams: [StreamSpec(topic)], durables: [durable], logger: quiet)
        let messages = try (1...2).map { OwnersLog<Told>.Entry(seq: Int64($0), bytes: try JSONCoder.encode(Told(number: $0))) }
        let log = OwnersLog(
            topic: topic, entries: { _, after in messages.filter { $0.seq > after } }, heads: { $0 == nil ? [("a", 2)] : [] })
        let follower = LogFollower(log, cursors: cursors, setAside: setAside, database: database, logger: quiet) { told, tx in
            try tx.run("INSERT INTO effects VALUES (\(told.number))")
        }
        func effects() async throws -> [Int] {
            try await database.read { try $0.rows("SELECT number FROM effects", as: Int.self) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follower.follow(bus, as: durable) }
            for message in messages {
                try await bus.publish(
                    bytes: message.bytes, topic: "Told", key: "a", id: "\(message.seq)", seq: message.seq, requestID: nil)
            }
            // More often than what makes no sense is tried.
            while Told.refusals.load(ordering: .relaxed) < 6 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await effects().isEmpty)
            #expect(try await database.read { try setAside.entries(in: $0) }.isEmpty)
            Told.isKnown.store(true, ordering: .releasing)
            while try await effects().count < 2 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await effects() == [1, 2])
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }
}
