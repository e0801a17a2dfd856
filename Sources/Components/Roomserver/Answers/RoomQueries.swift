import Contracts
import Matrix
import RoomRules
import SQL

extension Roomserver {
    private var format: ClientFormat { ClientFormat(now: author.now) }

    public func call(_ call: QueryStateEvent) async throws -> QueryStateEvent.Reply {
        let format = format
        return try await storage.read { tx in
            let access = try RoomAccess(of: call.userID, to: call.roomID, tx)
            guard let stored = try access.stateEvent(at: StateKey(call.type, call.stateKey), tx) else {
                throw MatrixError.notFound("The room has no such state")
            }
            return QueryStateEvent.Reply(event: try format.event(stored, showingErased: false, tx))
        }
    }

    public func call(_ call: QueryRoomState) async throws -> QueryRoomState.Reply {
        let state = try await storage.read { [shown] tx in
            try RoomAccess(of: call.userID, to: call.roomID, tx).shownState(shown, to: call.userID, tx)
        }
        return QueryRoomState.Reply(events: state.everything(now: author.now))
    }

    public func call(_ call: QueryMembers) async throws -> QueryMembers.Reply {
        let state = try await storage.read { [shown] tx in
            var access = try RoomAccess(of: call.userID, to: call.roomID, tx)
            if let event = call.atEvent { access = try access.rewound(to: event, by: call.userID, tx) }
            return try access.shownMembers(shown, to: call.userID, tx)
        }
        return QueryMembers.Reply(events: state.members(call.membership, not: call.notMembership, now: author.now))
    }

    public func call(_ call: QueryJoinedMembers) async throws -> QueryJoinedMembers.Reply {
        let state = try await storage.read { [shown] tx in
            guard let room = try RoomTable.find(call.roomID, tx),
                try MembershipTable.find(call.userID, room: room.nid, tx)?.membership == "join"
            else { throw RoomAccess.refusal(call.userID) }
            return try RoomAccess.now(room).shownState(shown, to: call.userID, tx)
        }
        return QueryJoinedMembers.Reply(joined: state.joined)
    }

    public func call(_ call: QueryEvent) async throws -> QueryEvent.Reply {
        let format = format
        return try await storage.read { tx in
            let unknown = MatrixError.notFound("No such event, or none that \(call.userID) may see")
            guard let room = try Self.room(call.roomID, of: call.eventID, tx), let stored = try EventTable.find(call.eventID, in: room, tx)
            else { throw unknown }
            let event: RawJSON
            switch try EventVisibility(userID: call.userID, room: room).sight(of: stored, tx) {
            case .hidden: throw unknown
            case .fromOutside: event = try format.event(stored.withoutErased(in: room, tx), showingErased: false, tx)
            case .whole: event = try format.event(stored, tx)
            }
            return QueryEvent.Reply(event: event, place: stored.nid)
        }
    }

    private static func room(_ roomID: String?, of eventID: String, _ tx: Transaction) throws -> RoomRow? {
        guard let roomID = try roomID ?? RoomTable.roomID(ofEvent: eventID, tx) else { return nil }
        return try RoomTable.find(roomID, tx)
    }

    public func call(_ call: QueryThirdPartyInvite) async throws -> QueryThirdPartyInvite.Reply {
        try await storage.read { tx in
            guard let room = try RoomTable.find(call.roomID, tx),
                let found = try CurrentStateTable.find([StateKey("m.room.third_party_invite", call.token)], in: room, tx).first
            else { throw MatrixError.notFound("No such third-party invite") }
            return QueryThirdPartyInvite.Reply(content: RawJSON(found.event.content))
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

    public func call(_ call: QueryRoomsOfUser) async throws -> QueryRoomsOfUser.Reply {
        try await storage.read { QueryRoomsOfUser.Reply(roomIDs: try MembershipTable.rooms(of: call.userID, $0)) }
    }

    public func call(_ call: QueryJoinedRooms) async throws -> QueryJoinedRooms.Reply {
        try await storage.read { QueryJoinedRooms.Reply(roomIDs: try MembershipTable.joinedRooms(of: call.userID, $0)) }
    }
}
