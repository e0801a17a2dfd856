import SQL

/// Counts what is unread for a user: after their receipts, or where there is none, since they joined.
struct UnreadReader {
    let userID: String
    let tx: Transaction

    /// Up to a position, of the rooms that a user is in.
    func read(_ histories: [String: MembershipHistory], through high: Int64) throws -> [String: UnreadCounts] {
        if histories.isEmpty { return [:] }
        let receipts = try ReceiptsTable.read(by: userID, rooms: Array(histories.keys), in: tx)
        let stretches = histories.map { roomID, history in
            let low = max(history.joinedAt, receipts[roomID]?.upTo ?? 0)
            return NotificationsTable.Stretch(
                span: RoomSpan(roomID: roomID, low: low, high: high), hasThreadReceipts: receipts[roomID]?.hasThreads ?? false)
        }
        return try NotificationsTable.unread(stretches, of: userID, in: tx)
    }
}

extension MembershipHistory {
    /// Where the user's present time in the room began.
    var joinedAt: Int64 {
        let others = steps.lastIndex { $0.membership != "join" }
        return steps.dropFirst(others.map { $0 + 1 } ?? 0).first?.position ?? 0
    }
}
