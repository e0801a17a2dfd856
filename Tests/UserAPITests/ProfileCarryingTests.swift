import Contracts
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import TestSupport
import Testing

@testable import UserAPI

@Suite struct ProfileCarryingTests {
    @Test(arguments: TestDatabase.allCases) func aChangedNameIsCarriedIntoRoomsPageByPage(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = AskedRooms()
            let users = try await UserServer(
                config: UserAPIConfig(serverName: "test", bcryptCost: 4), database: database, bus: RecordingBus(),
                roomserver: RoomserverClient(rooms), logger: Logger(label: "tests"))
            _ = try await users.call(
                RegisterAccount(localpart: "alice", password: nil, kind: .user, isAdmin: false, device: nil))
            // Nobody is at work yet: what is to be done is kept until somebody is.
            _ = try await users.call(SetProfileField(userID: "@alice:test", field: "displayname", value: RawJSON("Alice")))
            _ = try await users.call(SetProfileField(userID: "@alice:test", field: "m.tz", value: RawJSON("Europe/Berlin")))
            let worker = try #require(users.carrying?.worker)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                var asked = rooms.asked.makeAsyncIterator()
                #expect(await asked.next() == CarryProfile(userID: "@alice:test", displayName: "Alice", avatarURL: nil, after: nil))
                #expect(await asked.next() == CarryProfile(userID: "@alice:test", displayName: "Alice", avatarURL: nil, after: 7))
                _ = try await users.call(SetProfileField(userID: "@alice:test", field: "displayname", value: nil))
                while let call = await asked.next() {
                    if call == CarryProfile(userID: "@alice:test", displayName: nil, avatarURL: nil, after: 7) { break }
                }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    /// Rooms of two pages, which say what they were asked.
    private final class AskedRooms: Link {
        let asked: AsyncStream<CarryProfile>
        private let continuation: AsyncStream<CarryProfile>.Continuation

        init() { (asked, continuation) = AsyncStream.makeStream() }

        func call<C: Call>(_ call: C) async throws -> C.Reply {
            guard let call = call as? CarryProfile,
                let reply = CarryProfile.Reply(next: call.after == nil ? 7 : nil) as? C.Reply
            else { throw MatrixError.unrecognized() }
            continuation.yield(call)
            return reply
        }
    }
}
