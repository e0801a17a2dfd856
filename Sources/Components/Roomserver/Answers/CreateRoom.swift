import Contracts
import Matrix
import RoomRules
import SQL

extension Roomserver {
    public func call(_ call: CreateRoom) async throws -> CreateRoom.Reply {
        try requireLocal([call.creator] + call.drafts.map(\.sender))
        if let alias = call.alias { try requireLocalAlias(alias) }
        let version = try roomVersion(call.roomVersion)
        var author = author
        for _ in 0..<20 {
            do {
                return try await create(call, version: version, author: author)
            } catch DatabaseError.uniqueViolation {
                // Where the create event's hash is the room ID, two alike in one millisecond are one event.
                author.now += Int64.random(in: 1...20)
            }
        }
        throw MatrixError.unavailable("Too many rooms at once")
    }

    private func create(_ call: CreateRoom, version: RoomVersion, author: Author) async throws -> CreateRoom.Reply {
        let new = try NewRoom(call, version: version, author: author)
        let writer = RoomWriter(outbox: outbox)
        let (reply, change) = try await storage.write { tx -> (CreateRoom.Reply, RoomChange?) in
            var change = new.change
            let reply = CreateRoom.Reply(roomID: change.room.roomID, seq: Int64(change.added.count))
            if let earlier = try CreationTable.claim(call.key, for: reply, now: author.now, tx) { return (earlier, nil) }
            try writer.write(&change, tx)
            if let alias = call.alias {
                let room = change.room.nid
                guard try AliasTable.insert(alias, room: room, creator: call.creator, now: author.now, tx) else {
                    throw MatrixError.roomInUse("The room alias \(alias) is taken")
                }
            }
            if call.published { try SummaryTable.publish(true, room: change.room.nid, tx) }
            return (reply, change)
        }
        if let change { committed(change) }
        return reply
    }

    private func roomVersion(_ asked: String?) throws -> RoomVersion {
        guard let asked else { return config.defaultRoomVersion }
        guard let version = RoomVersion(rawValue: asked) else {
            throw MatrixError.unsupportedRoomVersion("Room version \(asked) is not supported")
        }
        return version
    }
}
