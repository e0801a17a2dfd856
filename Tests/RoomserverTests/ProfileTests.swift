import Contracts
import Matrix
import TestSupport
import Testing

@testable import Roomserver

@Suite struct ProfileTests {
    @Test(arguments: TestDatabase.allCases) func aNewNameComesIntoEveryRoomThatTheUserIsIn(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            var joined: [String] = []
            for _ in 0..<5 { joined.append(try await rooms.createRoom(by: bob)) }
            let left = try await rooms.createRoom(by: alice)
            try await rooms.move(.join, bob, in: left)
            try await rooms.move(.leave, bob, in: left)
            let invited = try await rooms.createRoom(by: alice)
            try await rooms.move(.invite, bob, by: alice, in: invited)
            #expect(try await rooms.carry("Bob", "mxc://x/y", of: bob) == 3)
            for room in joined {
                let content = try await rooms.state("m.room.member", bob, in: room, asSeenBy: bob)["content"]
                #expect(content?["displayname"] == "Bob")
                #expect(content?["avatar_url"] == "mxc://x/y")
                #expect(content?["membership"] == "join")
            }
            #expect(try await rooms.membership(of: bob, in: left) == "leave")
            #expect(try await rooms.membership(of: bob, in: invited) == "invite")

            let before = try await rooms.log(of: joined[0]).count
            _ = try await rooms.carry("Bob", "mxc://x/y", of: bob)
            #expect(try await rooms.log(of: joined[0]).count == before)
            _ = try await rooms.carry(nil, nil, of: bob)
            #expect(try await rooms.state("m.room.member", bob, in: joined[4], asSeenBy: bob)["content"]?.object == ["membership": "join"])
        }
    }

    @Test func whatWasSaidWhenTheyJoinedIsNotSaidAgain() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let space = try await rooms.createRoom(), room = try await rooms.createRoom {
                $0.version = "10"
                $0.extra = [
                    draft(
                        "m.room.join_rules",
                        ["join_rule": "restricted", "allow": [["type": "m.room_membership", "room_id": .string(space)]]], state: "")
                ]
            }
            try await rooms.move(.join, bob, in: space)
            try await rooms.move(.join, bob, in: room, ["reason": "hello", "org.example.own": 1])
            _ = try await rooms.carry("Bob", nil, of: bob)
            let content = try await rooms.state("m.room.member", bob, in: room)["content"]?.object
            #expect(content == ["membership": "join", "displayname": "Bob", "org.example.own": 1])
        }
    }
}

extension RoomserverAPI {
    /// How many pages it took.
    fileprivate func carry(_ name: String?, _ picture: String?, of user: String) async throws -> Int {
        var after: Int64?, pages = 0
        repeat {
            after = try await call(CarryProfile(userID: user, displayName: name, avatarURL: picture, after: after, limit: 2)).next
            pages += 1
        } while after != nil
        return pages
    }
}
