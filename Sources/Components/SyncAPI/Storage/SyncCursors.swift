import Contracts
import Delivery
import SQL
import Topics

/// How far the projection has come in the log of each room and of each user.
struct SyncCursors: Sendable {
    let cursors = Cursors(prefix: "syncapi")
    /// What could not be projected.
    let setAside = SetAside(prefix: "syncapi")

    /// In the log of a user's account data.
    func position(user userID: String, in tx: Transaction) throws -> Int64 {
        try cursors.position(of: OutboxKey(topic: Topic.outputClientData.name, key: userID), in: tx)
    }

    /// The rooms whose heads lie beyond the projection.
    func behind(_ heads: [RoomHead], in tx: Transaction) throws -> [String] {
        try cursors.behind(topic: Topic.outputRoomEvent.name, heads: heads.map { (key: $0.roomID, seq: $0.seq) }, in: tx).map(\.key)
    }
}
