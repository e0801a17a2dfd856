import Contracts
import Matrix
import SQL

/// How far into a room's events a user may look.
/// [Room history visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
struct RoomView: Sendable {
    /// How the user's membership went: it decides of each event.
    let history: MembershipHistory
    /// The last position that the user may see anything at.
    let last: Int64
    /// The user's membership now.
    let membership: String

    /// Errors: M_FORBIDDEN for a user who never was in the room, where nobody else may look in.
    /// - Parameter position: the snapshot's.
    init(of userID: String, to roomID: String, _ history: MembershipHistory, at position: Int64, in tx: Transaction) throws {
        let membership = history.membership(at: position)
        let last: Int64? = if membership == "join" {
            position
        } else {
            try Self.last(of: userID, in: roomID, history, membership, at: position, tx)
        }
        guard let last else { throw Self.refusal }
        (self.history, self.last, self.membership) = (history, last, membership)
    }

    init(of userID: String, to roomID: String, at position: Int64, in tx: Transaction) throws {
        let histories = try EventsTable.membershipHistories(of: userID, rooms: [roomID], in: tx)
        try self.init(of: userID, to: roomID, histories[roomID] ?? MembershipHistory(steps: []), at: position, in: tx)
    }

    static var refusal: MatrixError { .forbidden("You are not a member of this room, and never were") }

    /// Of somebody who is not in the room.
    private static func last(
        of userID: String, in roomID: String, _ history: MembershipHistory, _ membership: String, at position: Int64, _ tx: Transaction
    ) throws -> Int64? {
        let visibility = try EventsTable.currentState("m.room.history_visibility", "", room: roomID, in: tx)
            .flatMap { try JSON(parsing: $0.pdu)["content"]?["history_visibility"]?.string }
        if visibility == "world_readable" { return position }
        if membership == "invite", visibility == "invited" { return position }
        let wasMember =
            try history.steps.contains { $0.membership == "join" }
            && MembershipsTable.membership(of: userID, in: roomID, tx) != nil
        return wasMember ? history.steps.last?.position : nil
    }
}

extension Barrier {
    /// What a reader of a room waits for. Errors: M_FORBIDDEN where there is no such room.
    func heads(toRead roomID: String, for userID: String) async throws -> OwnersHeads {
        do {
            return try await heads(room: roomID, for: userID)
        } catch let error as MatrixError where error.status == 404 {
            throw RoomView.refusal
        }
    }
}
