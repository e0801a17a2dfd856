import Contracts
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import TestSupport
import Testing

@testable import UserAPI

@Suite(.timeLimit(.minutes(2))) struct ProfileCarryingTests {
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
                func carrying(_ name: String?, after: Int64?) -> CarryProfile {
                    CarryProfile(userID: "@alice:test", displayName: name, avatarURL: nil, after: after, isGuest: false)
                }
                #expect(await asked.next() == carrying("Alice", after: nil))
                #expect(await asked.next() == carrying("Alice", after: 7))
                _ = try await users.call(SetProfileField(userID: "@alice:test", field: "displayname", value: nil))
                while let call = await asked.next() {
                    if call == carrying(nil, after: 7) { break }
                }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func thatAGuestIsNoneAnyMoreIsCarriedToo() async throws {
        try await TestDatabase.sqlite.with { database in
            let rooms = AskedRooms()
            let users = try await UserServer(
                config: UserAPIConfig(serverName: "test", bcryptCost: 4), database: database, bus: RecordingBus(),
                roomserver: RoomserverClient(rooms), logger: Logger(label: "tests"))
            let guest = try await users.call(
                RegisterAccount(localpart: nil, password: nil, kind: .guest, isAdmin: false, device: NewDevice(accessToken: "G")))
            let localpart = String(guest.userID.dropFirst().prefix { $0 != ":" })
            for token in ["one", "two"] {
                let upgrade = RegisterAccount(
                    localpart: localpart, password: "secret", kind: .user, isAdmin: false, device: NewDevice(accessToken: token),
                    guestToken: "G")
                let refused = await errcode { _ = try await users.call(upgrade) }
                #expect(refused == (token == "one" ? nil : "M_FORBIDDEN"))
            }
            let worker = try #require(users.carrying?.worker)
            let work = Task { try await worker.run() }
            var asked = rooms.asked.makeAsyncIterator()
            let carried = CarryProfile(userID: guest.userID, displayName: nil, avatarURL: nil, after: nil, isGuest: false)
            #expect(await asked.next() == carried)
            work.cancel()
            _ = await work.result
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
