import Contracts
import Delivery
import SQL
import Topics

/// How far the projection has come in the log of each room and of each user.
struct SyncCursors: Sendable {
    let cursors = Cursors(prefix: "syncapi")
    /// What could not be projected.
    let setAside = SetAside(prefix: "syncapi")

    /// The rooms whose heads lie beyond the projection; nil where neither they nor the user's data do. With the next statement
    /// that is waited for.
    func behindAhead(_ heads: OwnersHeads, in tx: Transaction) throws -> () throws -> [String]? {
        let data = heads.data > 0 ? [(key: heads.userID, seq: heads.data)] : []
        let roomsBehind = try cursors.behindAhead(
            topic: Topic.outputRoomEvent.name, heads: heads.rooms.map { (key: $0.roomID, seq: $0.seq) }, in: tx)
        let dataBehind = try cursors.behindAhead(topic: Topic.outputClientData.name, heads: data, in: tx)
        let isSeen = try heads.seenAt.map { try PresenceSyncsTable.isKnownAhead(heads.userID, at: $0.replica, $0.state, in: tx) }
        return {
            let rooms = try roomsBehind().map(\.key), isDataBehind = try !dataBehind().isEmpty
            let isUnseen = try isSeen.map { try !$0() } ?? false
            return rooms.isEmpty && !isDataBehind && !isUnseen ? nil : rooms
        }
    }
}
