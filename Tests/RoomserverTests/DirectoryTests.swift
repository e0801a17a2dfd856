import Contracts
import Matrix
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct DirectoryTests {
    @Test(arguments: TestDatabase.allCases) func theDirectoryIsSearchedAndTurnedPageByPage(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            var all: [String] = []
            for index in 0..<5 {
                let name = draft("m.room.name", ["name": .string("Größe \(index)")], state: "")
                let room = try await rooms.createRoom {
                    $0.published = true
                    $0.extra = [name]
                    $0.creationContent = index == 4 ? ["type": "m.space"] : [:]
                }
                for guest in 0..<index { try await rooms.move(.join, "@guest\(guest):example.org", in: room) }
                all.insert(room, at: 0)
            }
            try await rooms.createRoom { $0.extra = [draft("m.room.name", ["name": "Größe hidden"], state: "")] }

            let first = try await rooms.listed(limit: 2)
            #expect(first.chunk.map(\.roomID) == Array(all[0..<2]))
            #expect(first.chunk.map(\.numJoinedMembers) == [5, 4])
            #expect(first.total == 5)
            #expect(first.prevBatch == nil)
            let second = try await rooms.listed(limit: 2, since: try #require(first.nextBatch))
            #expect(second.chunk.map(\.roomID) == Array(all[2..<4]))
            let third = try await rooms.listed(limit: 2, since: try #require(second.nextBatch))
            #expect(third.chunk.map(\.roomID) == [all[4]])
            #expect(third.nextBatch == nil)
            let back = try await rooms.listed(limit: 2, since: try #require(third.prevBatch))
            #expect(back.chunk == second.chunk)
            let start = try await rooms.listed(limit: 2, since: try #require(back.prevBatch))
            #expect(start.chunk == first.chunk)
            #expect(start.prevBatch == nil)

            #expect(try await rooms.listed("GRÖSSE 3").chunk.isEmpty)
            #expect(try await rooms.listed("größe 3").chunk.map(\.roomID) == [all[1]])
            #expect(try await rooms.listed("GRÖßE 3").chunk.map(\.roomID) == [all[1]])
            #expect(try await rooms.listed(types: ["m.space"]).chunk.map(\.roomID) == [all[0]])
            #expect(try await rooms.listed(types: [nil]).chunk.count == 4)
            #expect(try await rooms.listed(types: [nil, "m.space"]).chunk.count == 5)
            #expect(await refusal { try await rooms.listed(since: "nonsense") } == "M_INVALID_PARAM")
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoMaySetTheCanonicalAliasSaysWhatIsListed(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            try await rooms.move(.join, bob, in: room)
            func list(_ published: Bool, by user: String, admin: Bool = false) async throws {
                _ = try await rooms.call(SetRoomVisibility(roomID: room, userID: user, isAdmin: admin, published: published))
            }
            #expect(await refusal { try await list(true, by: bob) } == "M_FORBIDDEN")
            try await list(true, by: alice)
            #expect(try await rooms.call(QueryRoomVisibility(roomID: room)).published)
            try await list(false, by: bob, admin: true)
            #expect(try await rooms.listed().chunk.isEmpty)
            #expect(await refusal { try await rooms.call(QueryRoomVisibility(roomID: "!x:example.org")) } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func anAliasGoesWithItsPlaceInTheRoomsState(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let alias = "#a:example.org"
            let room = try await rooms.createRoom { $0.alias = alias }
            try await rooms.move(.join, bob, in: room)
            func add(_ alias: String, by user: String) async throws {
                _ = try await rooms.call(SetRoomAlias(alias: alias, roomID: room, userID: user))
            }
            func remove(_ alias: String, by user: String) async throws {
                _ = try await rooms.call(RemoveRoomAlias(alias: alias, userID: user, isAdmin: false))
            }
            try await add("#b:example.org", by: bob)
            let both: JSONObject = ["alias": .string(alias), "alt_aliases": ["#b:example.org"]]
            try await rooms.send(draft("m.room.canonical_alias", both, state: ""), to: room)
            #expect(await refusal { try await add("#b:example.org", by: alice) } == "M_UNKNOWN")
            #expect(await refusal { try await add("#c:example.org", by: carol) } == "M_FORBIDDEN")
            #expect(await refusal { try await add("#c:other.org", by: bob) } == "M_INVALID_PARAM")
            #expect(try await rooms.call(QueryRoomAliases(roomID: room, userID: bob)).aliases == [alias, "#b:example.org"])
            #expect(await refusal { try await rooms.call(QueryRoomAliases(roomID: room, userID: carol)) } == "M_FORBIDDEN")

            #expect(await refusal { try await remove(alias, by: bob) } == "M_FORBIDDEN")
            try await remove("#b:example.org", by: bob)
            let kept = try await rooms.state("m.room.canonical_alias", in: room)["content"]
            #expect(kept?["alt_aliases"]?.array?.count == 1)
            try await remove(alias, by: alice)
            let left = try await rooms.state("m.room.canonical_alias", in: room)["content"]
            #expect(left?["alias"] == nil)
            #expect(await refusal { try await rooms.room(named: alias) } == "M_NOT_FOUND")
            #expect(await refusal { try await remove(alias, by: alice) } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aCanonicalAliasPointsAtItsRoom(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom { $0.alias = "#a:example.org" }
            try await rooms.createRoom { $0.alias = "#b:example.org" }
            func set(_ alias: JSON, _ others: [JSON] = []) async throws {
                let content: JSONObject = ["alias": alias, "alt_aliases": .array(others)]
                try await rooms.send(draft("m.room.canonical_alias", content, state: ""), to: room)
            }
            #expect(await refusal { try await set("#b:example.org") } == "M_BAD_ALIAS")
            #expect(await refusal { try await set("#a:example.org", ["#none:example.org"]) } == "M_BAD_ALIAS")
            #expect(await refusal { try await set("a") } == "M_INVALID_PARAM")
            try await set("#a:example.org", ["#a:example.org"])
            try await set("")
            let many: [JSON] = (0..<500).map { .string("#many\($0):example.org") }
            #expect(await refusal { try await set("#a:example.org", ["#a:example.org"] + many) } == "M_BAD_ALIAS")
            let others: JSONObject = ["alt_aliases": "#a:example.org"]
            #expect(
                await refusal { try await rooms.send(draft("m.room.canonical_alias", others, state: ""), to: room) }
                    == "M_INVALID_PARAM")
            let taken = draft("m.room.canonical_alias", ["alias": "#a:example.org"], state: "")
            #expect(await refusal { try await rooms.createRoom { $0.extra = [taken] } } == "M_BAD_ALIAS")
        }
    }

    @Test(arguments: TestDatabase.allCases) func anApplicationServiceListsRoomsOfItsNetworks(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            func list(_ published: Bool, _ room: String) async throws -> Int {
                _ = try await rooms.call(
                    SetNetworkVisibility(appserviceID: "irc", networkID: "freenode", roomID: room, published: published))
                return try await database.read { try NetworkTable.rooms(appservice: "irc", network: "freenode", $0).count }
            }
            #expect(try await list(true, room) == 1)
            #expect(try await list(true, room) == 1)
            #expect(try await list(false, room) == 0)
            #expect(await refusal { try await list(true, "!none:example.org") } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases) func roomsOfNetworksAreFoundWhereTheyAreAskedFor(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let own = try await rooms.createRoom { $0.published = true }
            let bridged = try await rooms.createRoom { $0.extra = [draft("m.room.name", ["name": "Bridge"], state: "")] }
            let other = try await rooms.createRoom(), both = try await rooms.createRoom { $0.published = true }
            for (service, network, room) in [
                ("irc", "libera", bridged), ("irc", "libera", both), ("xmpp", "libera", other), ("xmpp", "jabber", other),
            ] {
                _ = try await rooms.call(
                    SetNetworkVisibility(appserviceID: service, networkID: network, roomID: room, published: true))
            }
            func found(_ network: String?, _ term: String? = nil, all: Bool? = nil) async throws -> Set<String> {
                let page = try await rooms.listed(term, network: network, allNetworks: all)
                #expect(page.total == page.chunk.count)
                return Set(page.chunk.map(\.roomID))
            }
            #expect(try await found(nil) == [own, both])
            #expect(try await found(nil, all: false) == [own, both])
            #expect(try await found(nil, all: true) == [own, bridged, other, both])
            #expect(try await found("libera") == [bridged, other, both])
            #expect(try await found("irc|libera") == [bridged, both])
            #expect(try await found("jabber", all: false) == [other])
            #expect(try await found("irc|jabber") == [])
            #expect(try await found("libera", "bridge") == [bridged])
            #expect(try await found(nil, "bridge", all: true) == [bridged])
            let first = try await rooms.listed(limit: 3, allNetworks: true)
            let second = try await rooms.listed(limit: 3, since: try #require(first.nextBatch), allNetworks: true)
            #expect(first.chunk.count == 3 && second.chunk.count == 1 && second.nextBatch == nil)
        }
    }
}
