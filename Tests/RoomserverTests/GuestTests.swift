import Contracts
import Matrix
import ServiceLifecycle
import TestSupport
import Testing

@testable import Roomserver

@Suite struct GuestTests {
    @Test(arguments: TestDatabase.allCases) func guestsJoinWhereTheyAreLetIn(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            #expect(await refusal { try await rooms.joinAsGuest(bob, room) } == "M_GUEST_ACCESS_FORBIDDEN")
            let join = draft("m.room.member", ["membership": "join"], state: bob, by: bob)
            #expect(
                await refusal { try await rooms.call(SendEvents(roomID: room, drafts: [join], isGuest: true)) }
                    == "M_GUEST_ACCESS_FORBIDDEN")
            try await rooms.send(draft("m.room.guest_access", ["guest_access": "can_join"], state: ""), to: room)
            try await rooms.joinAsGuest(bob, room)
            #expect(try await rooms.state("m.room.member", bob, in: room)["content"]?["kind"] == "guest")
            try await rooms.send(message("hello", by: bob), to: room)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoIsNoGuestAnyMoreIsNotMarkedAsOne(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom { $0.extra = [draft("m.room.guest_access", ["guest_access": "can_join"], state: "")] }
            try await rooms.joinAsGuest(bob, room)
            for isGuest in [nil, true, false] {
                _ = try await rooms.call(CarryProfile(userID: bob, displayName: nil, avatarURL: nil, after: nil, isGuest: isGuest))
                let content = try await rooms.state("m.room.member", bob, in: room)["content"]
                #expect(content?["kind"] == (isGuest == false ? nil : "guest"))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func guestsLeaveWhenTheRoomIsClosedToThem(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let open = draft("m.room.guest_access", ["guest_access": "can_join"], state: "")
            let room = try await rooms.createRoom { $0.extra = [open] }
            try await rooms.joinAsGuest(bob, room)
            try await rooms.move(.join, carol, in: room, ["kind": "guest"])
            #expect(try await rooms.state("m.room.member", carol, in: room)["content"]?["kind"] == nil)
            let access = try await rooms.call(
                QueryStateEvent(roomID: room, userID: alice, type: "m.room.guest_access", stateKey: "")).event.object
            // A redaction closes it too.
            let redacted = try #require(access?["event_id"]?.string)
            try await rooms.send(draft("m.room.redaction", by: alice, redacts: redacted), to: room)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in rooms.services { group.addTask { try await service.run() } }
                while try await rooms.membership(of: bob, in: room) == "join" { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await rooms.membership(of: bob, in: room) == "leave")
            #expect(try await rooms.membership(of: carol, in: room) == "join")
            try await expectTablesToAgree(database)
        }
    }
}

extension RoomserverAPI {
    fileprivate func joinAsGuest(_ user: String, _ room: String) async throws {
        _ = try await call(
            ChangeMembership(
                roomID: room, action: .join, sender: user, target: user, content: RawJSON(JSONObject()), isGuest: true))
    }
}
