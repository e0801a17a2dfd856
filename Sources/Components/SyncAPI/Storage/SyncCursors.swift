import Delivery
import SQL
import Topics

/// How far the projection has come in the log of each room and of each user.
struct SyncCursors: Sendable {
    let cursors = Cursors(prefix: "syncapi")

    func position(room roomID: String, in tx: Transaction) throws -> Int64 {
        try cursors.position(of: OutboxKey(topic: Topic.outputRoomEvent.name, key: roomID), in: tx)
    }
}
