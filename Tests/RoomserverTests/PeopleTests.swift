import Contracts
import Matrix
import TestSupport
import Testing

@testable import Roomserver

/// Whom one finds in the user directory.
@Suite struct PeopleTests {
    private func found(_ term: String, by user: String = alice, limit: Int = 10, _ rooms: Roomserver) async throws -> [String] {
        try await rooms.call(SearchUsers(userID: user, term: term, limit: limit)).results.map(\.userID)
    }

    @Test(arguments: TestDatabase.allCases) func peopleAreFoundByWhatTheyAreCalled(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room, ["displayname": "Röbert de Niro", "avatar_url": "mxc://x/y"])
            try await rooms.move(.join, carol, in: room)
            for term in ["bo", "BOB", "@bob", "@bob:example.org", "röb", "RÖBERT", "niro", "de nir", "nir rö"] {
                #expect(try await found(term, rooms) == [bob], "\(term)")
            }
            for term in ["ob", "röbert alice", "@ob", "", "  ", "%"] {
                #expect(try await found(term, rooms) == [], "\(term)")
            }
            let shown = try await rooms.call(SearchUsers(userID: alice, term: "niro", limit: 1))
            #expect(shown.results == [.init(userID: bob, displayName: "Röbert de Niro", avatarURL: "mxc://x/y")])
            #expect(!shown.limited)

            try await rooms.move(.join, bob, in: room, ["displayname": "Bobby\u{0}"])
            #expect(try await found("niro", rooms) == [])
            #expect(try await found("bobby", rooms) == [bob])
            try await rooms.move(.join, "@bobo:example.org", in: room)
            #expect(try await found("bob", rooms) == [bob, "@bobo:example.org"])
            let some = try await rooms.call(SearchUsers(userID: alice, term: "bob", limit: 1))
            #expect(some.results.map(\.userID) == [bob] && some.limited)
            // Who is erased has no name any more.
            _ = try await rooms.call(EraseUser(userID: bob))
            #expect(try await found("bobby", rooms) == [])
            #expect(try await rooms.call(SearchUsers(userID: alice, term: "@bob:", limit: 1)).results
                == [.init(userID: bob, displayName: nil, avatarURL: nil)])
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyWhoIsVisibleIsFound(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "invite" }
            try await rooms.move(.invite, bob, by: alice, in: room)
            try await rooms.move(.join, bob, in: room)
            // Who shares a room sees the others, not themselves.
            #expect(try await found("bob", by: alice, rooms) == [bob])
            #expect(try await found("bob", by: bob, rooms) == [])
            #expect(try await found("bob", by: carol, rooms) == [])
            try await rooms.send(draft("m.room.join_rules", ["join_rule": "public"], state: ""), to: room)
            #expect(try await found("bob", by: bob, rooms) == [bob])
            #expect(try await found("bob", by: carol, rooms) == [bob])
            try await rooms.send(draft("m.room.history_visibility", ["history_visibility": "world_readable"], state: ""), to: room)
            try await rooms.send(draft("m.room.join_rules", ["join_rule": "invite"], state: ""), to: room)
            #expect(try await found("bob", by: carol, rooms) == [bob])
            try await rooms.send(draft("m.room.history_visibility", ["history_visibility": "shared"], state: ""), to: room)
            #expect(try await found("bob", by: carol, rooms) == [])
            try await rooms.move(.leave, bob, in: room)
            #expect(try await found("bob", by: alice, rooms) == [])
        }
    }
}
