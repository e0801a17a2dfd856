import Contracts
import Delivery
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
        let (reply, changes, told) = try await storage.write { [writer] tx -> (CreateRoom.Reply, [RoomChange], [OutboxEntry]) in
            var changes = [new.change]
            let reply = CreateRoom.Reply(roomID: new.change.room.roomID, seq: Int64(new.change.added.count))
            let numbering = try RoomTable.takeNumberAhead(tx)
            let numbers = try EventTable.takeNumbersAhead(new.change.added.count, tx)
            if let earlier = try CreationTable.claim(call.key, for: reply, now: author.now, tx) { return (earlier, [], []) }
            let room = try numbering()
            changes[0].room.nid = room
            let told = try writer.write(&changes, numbers: numbers(), tx)
            if let alias = call.alias {
                guard try AliasTable.insert(alias, room: room, creator: call.creator, now: author.now, tx) else {
                    throw MatrixError.roomInUse("The room alias \(alias) is taken")
                }
            }
            if call.published { try SummaryTable.publish(true, room: room, tx) }
            return (reply, changes, told)
        }
        committed(changes, told)
        return reply
    }

    func roomVersion(_ asked: String?) throws -> RoomVersion {
        guard let asked else { return config.defaultRoomVersion }
        guard let version = RoomVersion(rawValue: asked) else {
            throw MatrixError.unsupportedRoomVersion("Room version \(asked) is not supported")
        }
        return version
    }
}
