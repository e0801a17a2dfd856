import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct MembershipTests {
    @Test(arguments: TestDatabase.allCases) func aBannedUserCannotJoin(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            try await rooms.move(.ban, bob, by: alice, in: room, ["reason": "spam"])
            #expect(try await rooms.membership(of: bob, in: room) == "ban")
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.leave, bob, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.unban, bob, by: alice, in: room)
            #expect(try await rooms.membership(of: bob, in: room) == "leave")
            #expect(await refusal { try await rooms.move(.unban, bob, by: alice, in: room) } == "M_BAD_STATE")
            try await rooms.move(.join, bob, in: room)
            #expect(try await rooms.membership(of: bob, in: room) == "join")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsSoAlreadyNeedsNoEvent(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            #expect(try await rooms.move(.join, bob, in: room, ["displayname": "B"]).eventID != nil)
            #expect(try await rooms.move(.join, bob, in: room, ["displayname": "B"]).eventID == nil)
            #expect(try await rooms.move(.join, bob, in: room, ["displayname": "C"]).eventID != nil)
            #expect(try await rooms.move(.leave, bob, in: room).eventID != nil)
            #expect(try await rooms.move(.leave, bob, in: room).eventID == nil)
            #expect(try await rooms.log(of: room).count == 8)
        }
    }

    @Test func onlyMembersAreKickedAndOnlyOthersInvited() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "invite" }
            #expect(await refusal { try await rooms.move(.kick, bob, by: alice, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.leave, bob, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.invite, bob, by: carol, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.invite, bob, by: alice, in: room)
            try await rooms.move(.join, bob, in: room)
            #expect(await refusal { try await rooms.move(.invite, bob, by: alice, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.kick, alice, by: bob, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.kick, bob, by: alice, in: room)
            #expect(await refusal { try await rooms.move(.kick, bob, by: alice, in: room) } == "M_FORBIDDEN")
            #expect(try await rooms.membership(of: bob, in: room) == "leave")
            #expect(await refusal { try await rooms.move(.join, carol, by: alice, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.join, bob, in: "!none:example.org") } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomIsForgottenByThoseWhoLeft(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            #expect(await refusal { try await rooms.forget(room, by: bob) } == "M_UNKNOWN")
            try await rooms.move(.leave, bob, in: room)
            #expect(try await rooms.state("m.room.create", in: room, asSeenBy: bob)["type"] != nil)
            try await rooms.forget(room, by: bob)
            #expect(await refusal { try await rooms.state("m.room.create", in: room, asSeenBy: bob) } == "M_FORBIDDEN")
            try await rooms.move(.join, bob, in: room)
            #expect(try await rooms.state("m.room.create", in: room, asSeenBy: bob)["type"] != nil)
            #expect(await refusal { try await rooms.forget(room, by: carol) } == "M_NOT_FOUND")
        }
    }

    @Test func anInviteComesWithStrippedState() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.extra = [draft("m.room.name", ["name": "Room"], state: "")] }
            try await rooms.move(.invite, bob, by: alice, in: room, ["is_direct": true])
            let invite = try #require(try await rooms.log(of: room).last)
            let types = (invite.strippedState ?? []).compactMap { $0.object?["type"]?.string }
            #expect(Set(types) == ["m.room.create", "m.room.join_rules", "m.room.name", "m.room.member"])
            let members = (invite.strippedState ?? []).compactMap { $0.object?["state_key"]?.string }.filter { !$0.isEmpty }
            #expect(Set(members) == [alice, bob])
            #expect(invite.strippedState?.allSatisfy { $0.object?["event_id"] == nil } == true)
            try await rooms.move(.invite, "@x:other.org", by: alice, in: room)
            #expect(try await rooms.log(of: room).last?.strippedState == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func membersOfAnAllowedRoomJoinARestrictedOne(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let space = try await rooms.createRoom()
            let room = try await rooms.createRoom {
                $0.version = "10"
                $0.joinRule = "invite"
                $0.extra = [draft("m.room.join_rules", restricted(to: space), state: "")]
            }
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.join, bob, in: space)
            try await rooms.move(.join, bob, in: room)
            let member = try await rooms.state("m.room.member", bob, in: room)
            #expect(member["content"]?["join_authorised_via_users_server"]?.string == alice)
            #expect(try await rooms.move(.join, bob, in: room).eventID == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases, ["8", "10"])
    func nobodySaysThemselvesWhoLetsThemIn(kind: TestDatabase, version: String) async throws {
        try await withRoomserver(kind) { rooms in
            let space = try await rooms.createRoom()
            let room = try await rooms.createRoom {
                $0.version = version
                $0.extra = [draft("m.room.join_rules", restricted(to: space), state: "")]
            }
            let forged: JSONObject = ["membership": "join", "join_authorised_via_users_server": .string(alice)]
            #expect(
                await refusal { try await rooms.send(draft("m.room.member", forged, state: bob, by: bob), to: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.join, bob, in: room, forged) } == "M_FORBIDDEN")
            try await rooms.move(.join, bob, in: space)
            try await rooms.send(draft("m.room.member", ["membership": "join"], state: bob, by: bob), to: room)
            let member = try await rooms.state("m.room.member", bob, in: room)
            #expect(member["content"]?["join_authorised_via_users_server"]?.string == alice)
        }
    }

    @Test func aKnockIsTakenBackOrAccepted() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "knock" }
            try await rooms.move(.knock, bob, in: room)
            #expect(try await rooms.membership(of: bob, in: room) == "knock")
            try await rooms.move(.leave, bob, in: room)
            try await rooms.move(.knock, bob, in: room)
            try await rooms.move(.invite, bob, by: alice, in: room)
            try await rooms.move(.join, bob, in: room)
            #expect(try await rooms.membership(of: bob, in: room) == "join")
        }
    }

    @Test func aRoomThatIsRestrictedAndTakesKnocksDoesBoth() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let space = try await rooms.createRoom()
            var rule = restricted(to: "!unknown:example.org", space)
            rule["join_rule"] = "knock_restricted"
            let room = try await rooms.createRoom {
                $0.version = "10"
                $0.extra = [draft("m.room.join_rules", rule, state: "")]
            }
            try await rooms.move(.join, bob, in: space)
            try await rooms.move(.join, bob, in: room)
            #expect(await refusal { try await rooms.move(.join, carol, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.knock, carol, in: room)
            #expect(try await rooms.membership(of: carol, in: room) == "knock")
            try await rooms.move(.kick, carol, by: alice, in: room)
            #expect(try await rooms.membership(of: carol, in: room) == "leave")
        }
    }

    @Test func nobodyIsLetIntoARestrictedRoomWhereNobodyHereMayInvite() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let space = try await rooms.createRoom()
            let room = try await rooms.createRoom {
                $0.version = "10"
                $0.extra = [draft("m.room.join_rules", restricted(to: space), state: "")]
            }
            try await rooms.move(.join, bob, in: space)
            try await rooms.move(.leave, alice, in: room)
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: ["6", "7"]) func aRoomTakesKnocksFromVersion7On(version: String) async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom {
                $0.version = version
                $0.joinRule = "knock"
            }
            let refused = await refusal { try await rooms.move(.knock, bob, in: room, ["reason": "please"]) }
            #expect(refused == (version == "6" ? "M_FORBIDDEN" : nil))
        }
    }

    @Test func whoIsBannedInvitedOrInTheRoomDoesNotKnock() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "knock" }
            try await rooms.move(.invite, bob, by: alice, in: room)
            #expect(await refusal { try await rooms.move(.knock, bob, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.join, bob, in: room)
            #expect(await refusal { try await rooms.move(.knock, bob, in: room) } == "M_FORBIDDEN")
            try await rooms.move(.ban, bob, by: alice, in: room)
            #expect(await refusal { try await rooms.move(.knock, bob, in: room) } == "M_FORBIDDEN")
            let open = try await rooms.createRoom()
            #expect(await refusal { try await rooms.move(.knock, bob, in: open) } == "M_FORBIDDEN")
        }
    }

    @Test func aBanEndsAPendingInvite() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "invite" }
            try await rooms.move(.invite, bob, by: alice, in: room)
            try await rooms.move(.ban, bob, by: alice, in: room)
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.leave, bob, in: room) } == "M_FORBIDDEN")
            try await rooms.forget(room, by: bob)
        }
    }

    private func restricted(to rooms: String...) -> JSONObject {
        ["join_rule": "restricted", "allow": .array(rooms.map { ["type": "m.room_membership", "room_id": .string($0)] })]
    }
}
