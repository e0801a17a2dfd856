import Matrix
import SQL

/// What of a room somebody may read.
/// [Room history visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
enum RoomAccess {
    /// The room as it is.
    case now(RoomRow)
    /// The room as it was after this state event, with which they left.
    case departed(RoomRow, at: Int64)

    /// Refuses those who may read nothing, alike whether the room exists or not.
    init(of userID: String, to roomID: String, _ tx: Transaction) throws {
        guard let room = try RoomTable.find(roomID, tx) else { throw Self.refusal(userID) }
        let membership = try MembershipTable.find(userID, room: room.nid, tx)
        if let membership, membership.membership == "join" {
            self = .now(room)
        } else if let departed = membership?.departedNID, membership?.forgotten == false {
            self = .departed(room, at: departed)
        } else if try SummaryTable.isWorldReadable(room: room.nid, tx) {
            self = .now(room)
        } else {
            throw Self.refusal(userID)
        }
    }

    static func refusal(_ userID: String) -> MatrixError { .forbidden("\(userID) may not see this room") }
}
