import Matrix
import SQL

/// What of a room somebody may read.
/// [Room history visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
enum RoomAccess {
    /// The room as it is.
    case now(RoomRow)
    /// The room as it was after this event: with which they left, or to which they look back.
    case past(RoomRow, after: Int64)

    /// Refuses those who may read nothing, alike whether the room exists or not.
    init(of userID: String, to roomID: String, _ tx: Transaction) throws {
        guard let room = try RoomTable.find(roomID, tx) else { throw Self.refusal(userID) }
        let membership = try MembershipTable.find(userID, room: room.nid, tx)
        if let membership, membership.membership == "join" {
            self = .now(room)
        } else if let departed = membership?.departedNID, membership?.forgotten == false {
            self = .past(room, after: departed)
        } else if try SummaryTable.isWorldReadable(room: room.nid, tx) {
            self = .now(room)
        } else {
            throw Self.refusal(userID)
        }
    }

    /// The room as it was after an event that the user may see; who left has nothing of what came later.
    func rewound(to eventID: String, by userID: String, _ tx: Transaction) throws -> RoomAccess {
        guard let event = try EventTable.find(eventID, in: room, tx) else { throw Self.refusal(userID) }
        if case .past(_, let departed) = self, departed <= event.nid { return self }
        guard try EventVisibility(userID: userID, room: room).allows(event, tx) else {
            throw MatrixError.forbidden("\(userID) may not see the room as it was then")
        }
        return .past(room, after: event.nid)
    }

    var room: RoomRow {
        switch self {
        case .now(let room), .past(let room, _): room
        }
    }

    static func refusal(_ userID: String) -> MatrixError { .forbidden("\(userID) may not see this room") }
}
