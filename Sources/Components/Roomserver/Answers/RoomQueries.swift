import Contracts
import Matrix
import RoomRules

extension Roomserver {
    private var format: ClientFormat { ClientFormat(now: author.now) }

    public func call(_ call: QueryStateEvent) async throws -> QueryStateEvent.Reply {
        let format = format
        return try await storage.read { tx in
            let access = try RoomAccess(of: call.userID, to: call.roomID, tx)
            guard let stored = try access.stateEvent(at: StateKey(call.type, call.stateKey), tx) else {
                throw MatrixError.notFound("The room has no such state")
            }
            return QueryStateEvent.Reply(event: try format.event(stored, tx))
        }
    }

    public func call(_ call: QueryRoomState) async throws -> QueryRoomState.Reply {
        let format = format
        return try await storage.read { tx in
            let access = try RoomAccess(of: call.userID, to: call.roomID, tx)
            return QueryRoomState.Reply(events: try format.events(access.state(tx), access.room.version, tx))
        }
    }

    public func call(_ call: QueryMembers) async throws -> QueryMembers.Reply {
        let format = format
        return try await storage.read { tx in
            let access = try RoomAccess(of: call.userID, to: call.roomID, tx)
            let members = try access.members(membership: call.membership, notMembership: call.notMembership, tx)
            return QueryMembers.Reply(events: try format.events(members, access.room.version, tx))
        }
    }

    public func call(_ call: QueryJoinedMembers) async throws -> QueryJoinedMembers.Reply {
        try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx),
                try MembershipTable.find(call.userID, room: room.nid, tx)?.membership == "join"
            else { throw RoomAccess.refusal(call.userID) }
            let members = try CurrentStateTable.members(in: room, membership: "join", tx).compactMap { member in
                member.event.stateKey.map { ($0, QueryJoinedMembers.Member(of: member.event)) }
            }
            return QueryJoinedMembers.Reply(joined: Dictionary(members) { first, _ in first })
        }
    }

    public func call(_ call: QueryEvent) async throws -> QueryEvent.Reply {
        let format = format
        return try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx), let stored = try EventTable.find(call.eventID, in: room, tx),
                try EventVisibility(userID: call.userID, room: room).allows(stored, tx)
            else { throw MatrixError.notFound("No such event, or none that \(call.userID) may see") }
            return QueryEvent.Reply(event: try format.event(stored, tx))
        }
    }

    public func call(_ call: QueryMembership) async throws -> QueryMembership.Reply {
        try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx),
                let membership = try MembershipTable.find(call.userID, room: room.nid, tx)
            else { return QueryMembership.Reply(membership: "leave") }
            return QueryMembership.Reply(membership: membership.membership)
        }
    }

    public func call(_ call: QueryJoinedRooms) async throws -> QueryJoinedRooms.Reply {
        try await storage.read { QueryJoinedRooms.Reply(roomIDs: try MembershipTable.joinedRooms(of: call.userID, $0)) }
    }
}

extension RoomAccess {
    fileprivate var room: RoomRow {
        switch self {
        case .now(let room), .departed(let room, _): room
        }
    }
}

extension QueryJoinedMembers.Member {
    fileprivate init(of event: Event) {
        self.init(displayName: event.content["displayname"]?.string, avatarURL: event.content["avatar_url"]?.string)
    }
}
