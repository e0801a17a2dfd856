import Contracts
import InternalAPI
import Matrix
import RoomRules
import SQL

extension Roomserver {
    public func call(_ call: SetRoomAlias) async throws -> Done {
        try requireLocalAlias(call.alias)
        let now = author.now
        try await storage.write { tx in
            guard let room = try RoomTable.lock(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
            guard try MembershipTable.find(call.userID, room: room.nid, tx)?.membership == "join" else {
                throw MatrixError.forbidden("\(call.userID) is not in the room")
            }
            guard try AliasTable.insert(call.alias, room: room.nid, creator: call.userID, now: now, tx) else {
                throw MatrixError.unknown("The room alias \(call.alias) is taken", status: 409)
            }
        }
        return Done()
    }

    public func call(_ call: RemoveRoomAlias) async throws -> Done {
        let removal = AliasRemoval(call: call, author: author, writer: writer)
        let (changes, told) = try await storage.write(removal.perform)
        committed(changes, told)
        return Done()
    }

    public func call(_ call: QueryRoomAlias) async throws -> QueryRoomAlias.Reply {
        let serverName = config.serverName
        return try await storage.read { tx in
            guard let found = try AliasTable.find(call.alias, tx) else {
                throw MatrixError.notFound("The room alias \(call.alias) does not exist")
            }
            return QueryRoomAlias.Reply(roomID: found.roomID, servers: [serverName])
        }
    }

    public func call(_ call: QueryRoomAliases) async throws -> QueryRoomAliases.Reply {
        try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx) else { throw RoomAccess.refusal(call.userID) }
            let isMember = try MembershipTable.find(call.userID, room: room.nid, tx)?.membership == "join"
            guard try isMember || SummaryTable.isWorldReadable(room: room.nid, tx) else {
                throw RoomAccess.refusal(call.userID)
            }
            return QueryRoomAliases.Reply(aliases: try AliasTable.all(of: room.nid, tx))
        }
    }

    /// A name of another server's is that server's to give.
    func requireLocalAlias(_ alias: String) throws {
        guard let parsed = RoomAlias(alias), parsed.server == config.serverName, !alias.utf8.contains(0) else {
            throw MatrixError.invalidParam("\(alias) is not a room alias of this server")
        }
    }
}
