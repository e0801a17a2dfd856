import Contracts
import Matrix
import SQL

extension Roomserver {
    public func call(_ call: QueryRoomSummary) async throws -> QueryRoomSummary.Reply {
        try await storage.read { tx in
            guard let outline = try RoomOutline(of: call.roomID, tx), try outline.isKnown(to: call.userID, tx) else {
                throw MatrixError.notFound("Room not found")
            }
            let membership = try call.userID.map { user in
                try MembershipTable.find(user, room: outline.room.nid, tx)?.membership ?? "leave"
            }
            return QueryRoomSummary.Reply(summary: outline.summary(membership: membership))
        }
    }

    public func call(_ call: QueryHierarchy) async throws -> QueryHierarchy.Reply {
        try await storage.read { tx in
            var walk = try SpaceWalk(call, tx)
            return try walk.page()
        }
    }

    public func call(_ call: QueryMutualRooms) async throws -> QueryMutualRooms.Reply {
        let limit = min(max(call.limit, 1), 1000)
        let after = try call.from.map { token in
            guard let room = Int64(token), room >= 0 else { throw MatrixError.invalidParam("from is not a token of this server") }
            return room
        }
        return try await storage.read { tx in
            var rooms = try MembershipTable.mutualRooms(call.userID, call.otherID, after: after ?? 0, limit: limit + 1, tx)
            let hasMore = rooms.count > limit
            if hasMore { rooms.removeLast() }
            let count = try after == nil && !hasMore ? rooms.count : MembershipTable.countMutualRooms(call.userID, call.otherID, tx)
            return QueryMutualRooms.Reply(
                joined: rooms.map(\.roomID), count: count, nextBatch: hasMore ? rooms.last.map { String($0.nid) } : nil)
        }
    }
}
