import Contracts
import InternalAPI
import Logging
import Matrix
import SQL
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Topics

@testable import UserAPI

@Suite struct DeactivationTests {
    /// Rooms that are left when they are asked to, but for one that refuses, and one that is away for the first time.
    private final class Rooms: Link {
        let left = Mutex<[String]>([])
        let asked = Mutex<[String: Int]>([:])
        let erased = AsyncStream.makeStream(of: String.self)

        func call<C: Call>(_ call: C) async throws -> C.Reply {
            switch call {
            case let call as EraseUser:
                erased.continuation.yield(call.userID)
                return try #require(Done() as? C.Reply)
            case is QueryRoomsOfUser:
                let reply = QueryRoomsOfUser.Reply(roomIDs: ["!a:test", "!refuses:test", "!away:test", "!b:test"].filter { room in
                    left.withLock { !$0.contains(room) }
                })
                return try #require(reply as? C.Reply)
            case let call as ChangeMembership:
                #expect(call.action == .leave && call.sender == call.target)
                let count = asked.withLock { $0[call.roomID, default: 0] += 1; return $0[call.roomID] }
                if call.roomID == "!refuses:test" { throw MatrixError.forbidden() }
                if call.roomID == "!away:test", count == 1 { throw MatrixError.unavailable() }
                left.withLock { $0.append(call.roomID) }
                return try #require(ChangeMembership.Reply(eventID: nil, seq: 1) as? C.Reply)
            default: throw MatrixError.unrecognized()
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func allThatOpensTheAccountIsGone(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let device = try #require(try await test.register("alice").deviceID)
            let pusher = Pusher(appID: "app", pushkey: "key", content: RawJSON(.object([:])))
            _ = try await test.users.call(SetPusher(userID: "@alice:test", deviceID: device, pusher: pusher, append: true))
            _ = try await test.users.call(CreateOpenIDToken(userID: "@alice:test", token: "O"))
            _ = try await test.users.call(CreateLoginToken(userID: "@alice:test", token: "L"))
            for erases in [true, false] {
                _ = try await test.users.call(DeactivateAccount(userID: "@alice:test", erases: erases))
            }
            #expect(try await !test.isLoggedIn("alice's token"))
            #expect(try await test.users.call(QueryPushers(userID: "@alice:test")).pushers.isEmpty)
            #expect(await errcode { _ = try await test.users.call(QueryOpenIDToken(token: "O")) } == "M_UNKNOWN_TOKEN")
            #expect(await errcode { _ = try await test.users.call(SpendLoginToken(token: "L")) } == "M_FORBIDDEN")
            #expect(try await test.users.call(QueryProfile(userID: "@alice:test")).fields.object == [:])
            let again = CreateDevice(userID: "@alice:test", device: NewDevice(accessToken: "T"))
            #expect(await errcode { _ = try await test.users.call(again) } == "M_USER_DEACTIVATED")
            let isErased = try await test.database.read { try $0.row("SELECT is_erased FROM userapi_accounts", as: Bool.self) }
            #expect(isErased == true)
            let nobody = DeactivateAccount(userID: "@bob:test", erases: false)
            #expect(await errcode { _ = try await test.users.call(nobody) } == "M_NOT_FOUND")
        }
    }

    @Test func theRoomsAreLeftAndWhatIsAwayIsTriedAgain() async throws {
        let rooms = Rooms()
        let departures = Departures(rooms: RoomserverClient(rooms), logger: Logger(label: "tests"))
        await #expect(throws: MatrixError.self) { try await departures.leaveAll("@alice:test") }
        _ = try await departures.leaveAll("@alice:test")
        #expect(rooms.left.withLock { $0 } == ["!a:test", "!away:test", "!b:test"])
        #expect(rooms.asked.withLock { $0["!a:test"] } == 1)
    }

    @Test func theRoomsAndWhoeverListensAreToldOfAnErasure() async throws {
        try await TestUsers.on(.sqlite) { test in
            try await test.register("alice")
            try await test.register("bob")
            for (name, erases) in [("bob", false), ("alice", true)] {
                _ = try await test.users.call(DeactivateAccount(userID: "@\(name):test", erases: erases))
                let log = try await test.users.call(QueryClientDataOutput(userID: "@\(name):test", after: 0)).messages
                let told = try log.map { try JSONCoder.decode(ClientData.self, from: $0.message.bytes) }
                #expect(told.contains { $0.isErasure == true } == erases)
            }
            let rooms = Rooms()
            let work = Task { [users = test.users] in try await users.departures(from: RoomserverClient(rooms)).run() }
            var erased = rooms.erased.stream.makeAsyncIterator()
            #expect(await erased.next() == "@alice:test")
            work.cancel()
            _ = await work.result
        }
    }

    @Test func aDeactivationIsAPieceOfWork() async throws {
        try await TestUsers.on(.sqlite) { test in
            try await test.register("alice")
            _ = try await test.users.call(DeactivateAccount(userID: "@alice:test", erases: false))
            let due = try await test.database.read { try $0.rows("SELECT key FROM userapi_departures_claims", as: String.self) }
            #expect(due == ["@alice:test"])
        }
    }
}
