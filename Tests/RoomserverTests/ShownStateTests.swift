import Contracts
import Matrix
import RoomRules
import SQL
import TestSupport
import Testing

@testable import Roomserver

/// The state that a roomserver keeps ready goes on from what it knows.
@Suite struct ShownStateTests {
    /// What one that has read before shows is what one shows that reads for the first time, whoever made the changes.
    @Test(arguments: TestDatabase.allCases) func whatIsShownFollowsEveryChange(kind: TestDatabase) async throws {
        try await kind.with { database in
            let reader = try await makeRoomserver(database), writer = try await makeRoomserver(database)
            let room = try await reader.createRoom()
            for number in 0..<20 { try await writer.move(.join, "@u\(number):example.org", in: room) }

            func agree(_ what: String) async throws {
                let fresh = try await makeRoomserver(database)
                #expect(try await reader.shown(room) == fresh.shown(room), "\(what)")
                #expect(
                    try await reader.joinedMembers(of: room, asSeenBy: alice) == fresh.joinedMembers(of: room, asSeenBy: alice),
                    "\(what)")
            }
            try await agree("at first")
            try await writer.move(.join, bob, in: room, ["displayname": "Bob"])
            try await agree("somebody new")
            try await writer.move(.leave, "@u3:example.org", in: room)
            try await writer.move(.ban, "@u4:example.org", by: alice, in: room)
            try await agree("two are gone")
            try await writer.move(.join, bob, in: room, ["displayname": "Robert"])
            try await writer.move(.join, bob, in: room, ["displayname": "Rob"])
            try await agree("the same place twice")
            let name = try await writer.send(draft("m.room.name", ["name": "secret"], state: ""), to: room)
            try await agree("a name")
            try await writer.send(draft("m.room.redaction", redacts: name), to: room)
            try await agree("a name that was redacted")
            let drafts = (0..<30).map { draft("x.state", [:], state: "\($0)") }
            _ = try await writer.call(SendEvents(roomID: room, drafts: drafts))
            try await agree("more than it had")
        }
    }

    /// After a change of one place nothing else is read of the room.
    @Test(arguments: TestDatabase.allCases) func oneChangeIsReadAlone(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            for number in 0..<20 { try await rooms.move(.join, "@u\(number):example.org", in: room) }
            func row() async throws -> RoomRow { try #require(try await database.read { try RoomTable.find(room, $0) }) }
            let before = try await row()
            try await rooms.move(.join, bob, in: room)
            let after = try await row()
            let changes = try await database.read { try CurrentStateTable.changes(after: before.stateVersion, in: after, $0) }
            #expect(changes?.compactMap(\.event.stateKey) == [bob])
        }
    }

    /// A release that does not number its changes may be running beside this one.
    @Test(arguments: TestDatabase.allCases) func whatAnEarlierReleaseChangedIsNotMissed(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            for number in 0..<20 { try await rooms.move(.join, "@u\(number):example.org", in: room) }
            _ = try await rooms.shown(room)
            try await rooms.move(.join, bob, in: room)
            try await database.transaction { tx in
                try tx.run("UPDATE roomserver_current_state SET changed_version = 0 WHERE state_key = \(bob)")
            }
            try await rooms.move(.join, carol, in: room)
            #expect(try await rooms.joinedMembers(of: room, asSeenBy: alice).keys.contains(bob))
        }
    }
}

extension Roomserver {
    /// The state of a room without what depends on the time and on the order.
    fileprivate func shown(_ room: String) async throws -> [String: JSONObject] {
        let events = try await wholeState(of: room, asSeenBy: alice).compactMap { $0.object }
        return Dictionary(uniqueKeysWithValues: events.map { event in
            var event = event
            var unsigned = event["unsigned"]?.object
            unsigned?["age"] = nil
            event["unsigned"] = unsigned.map(JSON.object)
            return (event["event_id"]?.string ?? "", event)
        })
    }
}
