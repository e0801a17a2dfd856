import SQL

extension RoomEdit {
    /// Whether it is here that a user hears from the server.
    func isNoticeRoom(of userID: String) throws -> Bool {
        guard let tx else { return false }
        return try NoticeTable.room(of: userID, tx) == room.roomID
    }
}
