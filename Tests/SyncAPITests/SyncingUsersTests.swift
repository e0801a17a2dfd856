import Matrix
import SQL
import Synchronization
import TestSupport
import Testing
import Topics

@testable import SyncAPI

/// How a replica tells whose clients sync at it.
@Suite struct SyncingUsersTests {
    @Test(arguments: TestDatabase.allCases) func whileNothingCanBeToldNoSyncWaitsForItAndThenAllIsTold(kind: TestDatabase) async throws {
        try await kind.with { database in
            try await database.migrate("syncapi", SyncMigrations.all)
            let bus = BrokenBus()
            let syncing = SyncingUsers(database: database, bus: bus, logger: quiet)
            bus.isBroken = true
            let first = await syncing.begin(alice, device: "A", as: .online)
            #expect(first != nil && first?.news == nil)
            #expect(bus.attempts == 1)
            // Neither the same user nor another tries what is known not to go.
            #expect(await syncing.begin(alice, device: "B", as: .unavailable)?.news == nil)
            #expect(await syncing.begin(bob, device: "A", as: .online)?.news == nil)
            #expect(bus.attempts == 1)
            // The beat does; it fails for the one and the other.
            await syncing.settle()
            #expect(bus.attempts == 3 && bus.told.isEmpty)
            bus.isBroken = false
            await syncing.settle()
            #expect(bus.told[alice] == .online && bus.told[bob] == .online)
            // Now it goes at once again.
            #expect(await syncing.begin(carol, device: "A", as: .unavailable)?.news == .unavailable)
            #expect(bus.told[carol] == .unavailable)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoWentWhileNothingCouldBeToldIsToldOfLater(kind: TestDatabase) async throws {
        try await kind.with { database in
            try await database.migrate("syncapi", SyncMigrations.all)
            let bus = BrokenBus()
            let syncing = SyncingUsers(database: database, bus: bus, logger: quiet)
            syncing.end(await syncing.begin(alice, device: "A", as: .online))
            #expect(bus.told[alice] == .online)
            bus.isBroken = true
            let later = ContinuousClock.now + SyncingUsers.lingering + .seconds(1)
            await syncing.settle(now: later)
            #expect(bus.told[alice] == .online)
            bus.isBroken = false
            await syncing.settle(now: later)
            #expect(bus.told[alice] == .offline)
        }
    }
}

/// A bus that takes what it is told, or nothing.
private final class BrokenBus: Bus {
    private struct State {
        var isBroken = false
        var attempts = 0
        var told: [String: Presence.State] = [:]
    }

    private let state = Mutex(State())

    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }
    var attempts: Int { state.withLock { $0.attempts } }
    var told: [String: Presence.State] { state.withLock { $0.told } }

    func publish(bytes: [UInt8], topic: String, key: String, id: String, seq: Int64?, requestID: String?) async throws {
        let update = try JSONCoder.decode(PresenceUpdate.self, from: bytes)
        try state.withLock { state in
            state.attempts += 1
            if state.isBroken { throw MatrixError.unavailable() }
            state.told[update.userID] = update.state
        }
    }

    func consume(
        bytesOf topic: String, as durable: Durable, handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void
    ) async throws {}

    func signal(_ subject: String, _ bytes: [UInt8]) async {}
    func signals(_ subject: String) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
    var reconnections: AsyncStream<Void> { AsyncStream { $0.finish() } }
}
