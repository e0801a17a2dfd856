import Contracts
import Matrix
import TestSupport
import Testing

@testable import Roomserver

/// What is in spaces, and who may know of it.
@Suite struct HierarchyTests {
    private func space(_ rooms: Roomserver, named name: String, _ change: (inout RoomOptions) -> Void = { _ in }) async throws -> String {
        try await rooms.createRoom {
            $0.creationContent = ["type": "m.space"]
            $0.extra = [draft("m.room.name", ["name": .string(name)], state: "")]
            change(&$0)
        }
    }

    private func put(_ child: String, in space: String, _ rooms: Roomserver, order: String? = nil, suggested: Bool? = nil) async throws {
        var content: JSONObject = ["via": ["example.org"]]
        content["order"] = order.map { .string($0) }
        content["suggested"] = suggested.map { .bool($0) }
        try await rooms.send(draft("m.space.child", content, state: child), to: space)
    }

    private func walk(
        _ space: String, _ rooms: Roomserver, by user: String = alice, suggestedOnly: Bool = false, maxDepth: Int = 100,
        limit: Int = 100, from: String? = nil
    ) async throws -> QueryHierarchy.Reply {
        try await rooms.call(
            QueryHierarchy(
                roomID: space, userID: user, suggestedOnly: suggestedOnly, maxDepth: maxDepth, limit: limit, from: from))
    }

    @Test(arguments: TestDatabase.allCases) func everyRoomComesOnceAndInOrder(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let top = try await space(rooms, named: "top"), inner = try await space(rooms, named: "inner")
            let first = try await rooms.createRoom(), second = try await rooms.createRoom(), third = try await rooms.createRoom()
            try await put(third, in: top, rooms)
            try await put(inner, in: top, rooms, order: "b", suggested: true)
            try await put(first, in: top, rooms, order: "a")
            try await put(second, in: inner, rooms, suggested: true)
            // A ring, and a room that is there twice.
            try await put(top, in: inner, rooms)
            try await put(first, in: inner, rooms)
            try await put("!elsewhere:other.org", in: inner, rooms)

            let whole = try await walk(top, rooms)
            #expect(whole.rooms.map(\.roomID) == [top, first, inner, second, third])
            #expect(whole.nextBatch == nil)
            #expect(whole.rooms[0].roomType == "m.space" && whole.rooms[0].name == "top" && whole.rooms[0].roomVersion == "12")
            let children = whole.rooms[0].childrenState?.map { $0.parsed() } ?? []
            #expect(children.compactMap { $0["state_key"]?.string } == [first, inner, third])
            #expect(children.first.map { Set($0.object?.keys ?? []) } == ["type", "state_key", "content", "sender", "origin_server_ts"])
            #expect(whole.rooms[1].childrenState == [])

            var paged: [String] = [], token: String?
            repeat {
                let page = try await walk(top, rooms, limit: 2, from: token)
                #expect(page.rooms.count <= 2)
                paged += page.rooms.map(\.roomID)
                token = page.nextBatch
            } while token != nil
            #expect(paged == whole.rooms.map(\.roomID))

            #expect(try await walk(top, rooms, maxDepth: 0).rooms.map(\.roomID) == [top])
            #expect(try await walk(top, rooms, maxDepth: 1).rooms.map(\.roomID) == [top, first, inner, third])
            let suggested = try await walk(top, rooms, suggestedOnly: true)
            #expect(suggested.rooms.map(\.roomID) == [top, inner, second])

            let next = try #require(try await walk(top, rooms, limit: 2).nextBatch)
            #expect(await refusal { try await walk(top, rooms, suggestedOnly: true, from: next) } == "M_INVALID_PARAM")
            #expect(await refusal { try await walk(top, rooms, maxDepth: 3, from: next) } == "M_INVALID_PARAM")
            #expect(await refusal { try await walk(inner, rooms, from: next) } == "M_INVALID_PARAM")
            #expect(await refusal { try await walk(top, rooms, from: "nonsense") } == "M_INVALID_PARAM")
            // What was taken out has no servers any more.
            try await rooms.send(draft("m.space.child", [:], state: first), to: top)
            try await rooms.send(draft("m.space.child", [:], state: first), to: inner)
            #expect(try await walk(top, rooms).rooms.map(\.roomID).contains(first) == false)
        }
    }

    @Test(arguments: TestDatabase.allCases) func onlyWhatOneMayJoinOrReadIsShown(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            let top = try await space(rooms, named: "top")
            var made: [String: String] = [:]
            for rule in ["public", "invite", "knock", "restricted", "knock_restricted"] {
                made[rule] = try await rooms.createRoom {
                    $0.joinRule = "invite"
                    $0.extra = [
                        draft(
                            "m.room.join_rules",
                            ["join_rule": .string(rule), "allow": [["type": "m.room_membership", "room_id": .string(top)]]], state: "")
                    ]
                }
            }
            made["readable"] = try await rooms.createRoom {
                $0.joinRule = "invite"
                $0.visibility = "world_readable"
            }
            for (_, room) in made { try await put(room, in: top, rooms) }
            func seen(_ user: String) async throws -> Set<String> {
                let shown = Set(try await walk(top, rooms, by: user).rooms.map(\.roomID))
                return Set(made.filter { shown.contains($0.value) }.keys)
            }
            let open: Set<String> = ["public", "knock", "knock_restricted", "readable"]
            #expect(try await seen(alice) == Set(made.keys))
            #expect(try await seen(bob) == open)
            try await rooms.move(.join, bob, in: top)
            #expect(try await seen(bob) == open.union(["restricted"]))
            try await rooms.move(.invite, bob, by: alice, in: try #require(made["invite"]))
            #expect(try await seen(bob) == Set(made.keys))
            try await rooms.move(.ban, bob, by: alice, in: try #require(made["public"]))
            #expect(try await seen(bob).contains("public") == false)
            let allowed = try await walk(top, rooms).rooms.first { $0.roomID == made["restricted"] }
            #expect(allowed?.allowedRoomIDs == [top])

            let hidden = try await space(rooms, named: "hidden") { $0.joinRule = "invite" }
            try await put(try #require(made["public"]), in: hidden, rooms)
            #expect(await refusal { try await walk(hidden, rooms, by: carol) } == "M_FORBIDDEN")
            #expect(await refusal { try await walk("!none:example.org", rooms) } == "M_FORBIDDEN")
        }
    }

    @Test(arguments: TestDatabase.allCases) func aSummaryIsForThoseWhoMayKnowOfTheRoom(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            func summary(_ room: String, _ user: String?) async throws -> SummarizedRoom {
                try await rooms.call(QueryRoomSummary(roomID: room, userID: user)).summary
            }
            let encryption = draft("m.room.encryption", ["algorithm": "m.megolm.v1.aes-sha2"], state: "")
            let room = try await rooms.createRoom {
                $0.extra = [encryption]
                $0.version = "11"
            }
            try await rooms.move(.invite, bob, by: alice, in: room)
            let open = try await summary(room, nil)
            #expect(open.joinRule == "public" && open.membership == nil && open.numJoinedMembers == 1)
            #expect(open.encryption == "m.megolm.v1.aes-sha2" && open.roomVersion == "11" && open.childrenState == nil)
            #expect(try await summary(room, alice).membership == "join")
            #expect(try await summary(room, bob).membership == "invite")
            #expect(try await summary(room, carol).membership == "leave")
            let closed = try await rooms.createRoom { $0.joinRule = "invite" }
            #expect(await refusal { try await summary(closed, nil) } == "M_NOT_FOUND")
            #expect(await refusal { try await summary(closed, bob) } == "M_NOT_FOUND")
            #expect(try await summary(closed, alice).joinRule == "invite")
        }
    }

    @Test(arguments: TestDatabase.allCases) func roomsThatTwoShareComePageByPage(kind: TestDatabase) async throws {
        try await withRoomserver(kind) { rooms in
            var shared: [String] = []
            for index in 0..<4 {
                let room = try await rooms.createRoom()
                if index != 1 {
                    try await rooms.move(.join, bob, in: room)
                    shared.append(room)
                }
            }
            func mutual(_ other: String, from: String? = nil) async throws -> QueryMutualRooms.Reply {
                try await rooms.call(QueryMutualRooms(userID: alice, otherID: other, limit: 2, from: from))
            }
            let first = try await mutual(bob)
            #expect(first.joined == Array(shared.prefix(2)) && first.count == 3)
            let second = try await mutual(bob, from: try #require(first.nextBatch))
            #expect(second == .init(joined: [shared[2]], count: 3, nextBatch: nil))
            #expect(try await mutual(carol) == .init(joined: [], count: 0, nextBatch: nil))
            #expect(await refusal { try await mutual(bob, from: "x") } == "M_INVALID_PARAM")
            try await rooms.move(.leave, bob, in: shared[0])
            #expect(try await mutual(bob).count == 2)
        }
    }

    @Test func aTokenIsReadAsItWasWritten() {
        let token = SpaceToken(
            suggestedOnly: true, maxDepth: 7, path: [.init(space: 12, next: 3), .init(space: 5_000_000_000, next: 0)],
            seen: [12, 13, 5_000_000_000])
        #expect(SpaceToken(token.text) == token)
        for text in ["", "h1.s.7", "h1.x.1.1-1.1", "h1.a.1.1.1", "h1.a.-1.1-1.1", "h1.a.1.1-1.zzzzzzzzzzzzzz"] {
            #expect(SpaceToken(text) == nil, "\(text)")
        }
    }
}
