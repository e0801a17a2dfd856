import Matrix
import NIOCore
import NIOEmbedded
import Testing

@testable import Web

/// Who gives way where there are too many connections, or too much is held for them.
@Suite struct ConnectionsTests {
    /// Connections that came one after the other; the clients of the last `atWork` are owed an answer.
    private func connections(_ count: Int, atWork: Int = 0, _ table: Connections) throws -> [(EmbeddedChannel, Connections.Connection)] {
        try (0..<count).map { index in
            let channel = EmbeddedChannel()
            let connection = try #require(table.admit(channel))
            connection.waitingSince.store(index < count - atWork ? UInt64(index + 1) : 0, ordering: .relaxed)
            return (channel, connection)
        }
    }

    @Test func thoseGoFirstWhoKeepUsWaitingLongest() throws {
        let table = Connections(mostConnections: 128, mostHeldBytes: 1_000)
        let open = try connections(128, table)
        #expect(table.admit(EmbeddedChannel()) != nil)
        #expect(table.count == 127)
        // Two at once, so that the next needs nobody to go.
        #expect(throws: MatrixError.self) { try table.hold(1, for: open[0].0) }
        #expect(throws: MatrixError.self) { try table.hold(1, for: open[1].0) }
        try table.hold(1, for: open[2].0)
        #expect(table.admit(EmbeddedChannel()) != nil)
        #expect(table.count == 128)
    }

    @Test func whatIsHeldForTheSlowGivesWay() throws {
        let table = Connections(mostConnections: 10, mostHeldBytes: 640)
        let open = try connections(4, atWork: 1, table)
        for one in open { try table.hold(160, for: one.0) }
        try table.hold(100, for: open[3].0)
        #expect(table.heldBytes == 580 && table.count == 3)
        // Not one's own, and of the others only so many as it takes.
        try table.hold(200, for: open[1].0)
        #expect(table.heldBytes == 620 && table.count == 2)
        #expect(throws: MatrixError.self) { try table.hold(300, for: open[1].0) }
        table.release(200, for: open[1].0)
        try table.hold(160, for: open[1].0)
    }

    @Test func whereNobodyCanGiveWayTheyAreNotLookedForEachTime() throws {
        let table = Connections(mostConnections: 256, mostHeldBytes: 1_000)
        let open = try connections(256, atWork: 256, table)
        #expect(table.admit(EmbeddedChannel()) == nil)
        open[0].1.waitingSince.store(1, ordering: .relaxed)
        for _ in 0..<4 { #expect(table.admit(EmbeddedChannel()) == nil) }
        #expect(table.admit(EmbeddedChannel()) != nil)
    }
}
