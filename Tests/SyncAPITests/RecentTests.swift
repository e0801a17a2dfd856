import Matrix
import SQL
import TestSupport
import Testing

@testable import SyncAPI

@Suite struct RecentTests {
    private static let filters = [
        Filter(),
        Filter(room: RoomFilter(state: EventFilter(lazyLoadMembers: true))),
        Filter(room: RoomFilter(timeline: EventFilter(limit: 2, notTypes: ["m.room.topic"]))),
        Filter(room: RoomFilter(ephemeral: EventFilter(notTypes: ["m.typing"]))),
        Filter(room: RoomFilter(timeline: EventFilter(unreadThreadNotifications: true))),
    ]

    @Test(arguments: TestDatabase.allCases) func whatIsToldFromMemoryIsWhatTheDatabaseTells(kind: TestDatabase) async throws {
        try await World.on(kind, presence: true) { world in
            let room = try await world.createRoom(), other = try await world.createRoom(by: bob)
            try await world.move(.join, bob, in: room)
            _ = try await world.sync(alice, since: world.sync(alice, "&set_presence=offline").next, timeoutMS: 1, "&set_presence=offline")
            let message = try await world.say("first", in: room)
            var told = 0
            let steps: [@Sendable () async throws -> Void] = [
                { try await world.say("hello", in: room) },
                { try await world.say("there", in: room, by: bob) },
                { try await world.read(message, in: room, by: bob) },
                { try await world.read(message, in: room, by: alice, type: "m.read.private") },
                { try await world.type(bob, in: room) },
                { try await world.setPresence(.unavailable, of: bob, saying: "away") },
                { try await world.setPresence(.online, of: alice) },
                { try await world.setPresence(.online, of: carol) },
                { try await world.setPresence(.offline, of: bob) },
                { try await world.setData("a", ["b": 1]) },
                { try await world.setData("a", ["b": 2], room: room) },
                { try await world.send(room, "m.room.topic", ["topic": "new"], state: "") },
                { try await world.say("more", in: room) },
                { try await world.relate("m.thread", to: message, in: room, by: bob) },
                { try await world.send(room, "m.room.message", ["body": "x", "m.mentions": ["user_ids": [.string(alice)]]], by: bob) },
                { try await world.relate("m.thread", to: message, in: room, by: bob) },
                { try await world.read(message, in: room, by: alice, thread: message) },
                { try await world.say("most", in: room, by: bob) },
                { try await world.move(.join, alice, in: other) },
                { try await world.say("welcome", in: other, by: bob) },
                { try await world.send(room, "m.room.redaction", ["redacts": .string(message)], redacts: message) },
                { try await world.say("gone", in: room, by: bob) },
                { try await world.move(.leave, alice, in: other) },
                { try await world.say("alone", in: other, by: bob) },
                { try await world.say("last", in: room) },
            ]
            for step in steps {
                let before = try await world.position
                try await step()
                while try await world.position == before { try await Task.sleep(for: .milliseconds(2)) }
                told += try await compare(world)
            }
            #expect(told > 100)
        }
    }

    /// How many answers there were from memory.
    private func compare(_ world: World) async throws -> Int {
        // The signal of what is committed may be on its way.
        while try await world.sync.notifier.position < world.position { try await Task.sleep(for: .milliseconds(2)) }
        let position = world.sync.notifier.position
        var told = 0
        for user in [alice, bob] {
            _ = try await world.sync(user, since: "s1_\(position)", timeoutMS: 1, "&set_presence=offline")
            for filter in Self.filters {
                for since in max(0, position - 5)...position {
                    let request = SyncRequest(
                        userID: user, deviceID: "DEVICE", since: since, filter: filter, fullState: false, showsPresence: true)
                    guard let look = try await world.sync.recent.look(request) else { continue }
                    let expected = try await world.database.read {
                        try SyncBuilder(request, position: look.position, now: .millisecondsSince1970, in: $0).response()
                    }
                    let (memory, database) = (try ageless(look.response), try ageless(expected))
                    #expect(memory == database, "\(user) since \(since) of \(position): \(memory) rather than \(database)")
                    told += 1
                }
            }
        }
        return told
    }

    private func ageless(_ response: SyncResponse) throws -> JSON { ageless(try JSON(parsing: JSONCoder.encode(response))) }

    private func ageless(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): .array(elements.map(ageless))
        case .object(let object):
            .object(JSONObject(object.filter { key, _ in !["age", "last_active_ago"].contains(key) }.map { ($0.key, ageless($0.value)) }))
        default: json
        }
    }

    @Test func whatIsOldIsForgotten() async throws {
        try await World.on(.sqlite) { world in
            let room = try await world.createRoom()
            for index in 0..<8 { try await world.say("\(index)", in: room) }
            var happenings = RecentHappenings(mostHappenings: 4)
            let first = try await world.messages(room, from: nil, direction: "b", limit: 1).chunk
            #expect(first.bodies == ["7"])
            let position = try await world.position
            happenings.begin(at: position - 8)
            for high in (position - 7)...position {
                let news = Notifier.News(roomIDs: [room], position: high)
                let low = happenings.high
                let rows = try await world.database.read { try RecentRows(news, above: low, in: $0) }
                try happenings.extend(with: rows, news)
            }
            #expect(happenings.high == position)
            #expect(happenings.low > position - 8)
            let found = happenings.rooms(above: happenings.low, among: [room])[room]
            #expect(found?.events.count == Int(position - happenings.low))
            #expect(happenings.rooms(above: happenings.low, among: ["!other"]).isEmpty)
        }
    }

    @Test func roomsAreBelievedFromTheirPositionOnAndWithinBounds() {
        var joined = JoinedRooms(limit: 4)
        joined.set(["a", "b"], of: alice, at: 5)
        #expect(joined.rooms(of: alice, at: 4) == nil)
        #expect(joined.rooms(of: alice, at: 5) == ["a", "b"])
        joined.set(["a", "c", "d"], of: bob, at: 6)
        #expect(!joined.knows(alice))
        #expect(joined.rooms(of: bob, at: 7) == ["a", "c", "d"])
        joined.forget(bob)
        #expect(joined.rooms(of: bob, at: 7) == nil)
        joined.set(["a", "b", "c", "d", "e"], of: bob, at: 6)
        #expect(!joined.knows(bob))
    }
}

extension World {
    /// Of everything that is written.
    fileprivate var position: Int64 {
        get async throws { try await database.read { try SyncPosition().current(in: $0) } }
    }
}
