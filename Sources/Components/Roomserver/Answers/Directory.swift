import Contracts
import InternalAPI
import Matrix
import SQL

extension Roomserver {
    public func call(_ call: SetRoomVisibility) async throws -> Done {
        let author = author
        try await storage.write { tx in
            guard let room = try RoomTable.lock(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
            let edit = RoomEdit(room, StateView(of: room, known: [:], tx), author: author, tx)
            guard try call.isAdmin || edit.maySetCanonicalAlias(call.userID) else {
                throw MatrixError.forbidden("\(call.userID) may not say whether this room is listed")
            }
            try SummaryTable.publish(call.published, room: room.nid, tx)
        }
        return Done()
    }

    public func call(_ call: SetNetworkVisibility) async throws -> Done {
        try await storage.write { tx in
            guard let room = try RoomTable.find(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
            let change = call.published ? NetworkTable.insert : NetworkTable.delete
            try change(room.nid, call.appserviceID, call.networkID, tx)
        }
        return Done()
    }

    public func call(_ call: QueryRoomVisibility) async throws -> QueryRoomVisibility.Reply {
        try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
            return QueryRoomVisibility.Reply(published: try SummaryTable.isPublished(room: room.nid, tx))
        }
    }

    public func call(_ call: QueryPublishedRooms) async throws -> QueryPublishedRooms.Reply {
        let roomIDs = Array(call.roomIDs.prefix(QueryPublishedRooms.most))
        return try await storage.query { QueryPublishedRooms.Reply(roomIDs: try SummaryTable.published(among: roomIDs, $0)) }
    }

    public func call(_ call: QueryPublicRooms) async throws -> QueryPublicRooms.Reply {
        let limit = min(max(call.limit, 1), 500)
        let position = try call.since.map { token in
            guard let position = DirectoryPosition(token: token) else { throw MatrixError.invalidParam("Unknown token") }
            return position
        }
        return try await storage.read { tx in
            let condition = DirectoryTable.condition(
                searchTerm: call.searchTerm, roomTypes: call.roomTypes, network: call.network,
                includesAllNetworks: call.includesAllNetworks ?? false)
            // One more than asked for tells whether there are more.
            var rows = try DirectoryTable.rooms(condition, from: position, limit: limit + 1, tx)
            let hasMore = rows.count > limit
            if hasMore { rows.removeLast() }
            let backwards = position?.direction == .before
            if backwards { rows.reverse() }
            let hasNext = backwards || hasMore, hasPrevious = backwards ? hasMore : position != nil
            return QueryPublicRooms.Reply(
                chunk: rows.map(\.room),
                nextBatch: hasNext ? rows.last.map { DirectoryPosition(.after, $0).token } : nil,
                prevBatch: hasPrevious ? rows.first.map { DirectoryPosition(.before, $0).token } : nil,
                total: try DirectoryTable.count(condition, tx))
        }
    }
}
