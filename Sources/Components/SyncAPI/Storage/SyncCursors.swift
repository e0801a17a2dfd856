import Contracts
import Delivery
import SQL
import Topics

/// How far the projection has come in the log of each room and of each user.
struct SyncCursors: Sendable {
    let cursors = Cursors(prefix: "syncapi")
    /// What could not be projected.
    let setAside = SetAside(prefix: "syncapi")

    /// The rooms whose heads lie beyond the projection; nil where neither they nor the user's data do.
    func behind(_ heads: OwnersHeads, in tx: Transaction) throws -> [String]? {
        let rooms = try behind(heads.rooms.map { (key: $0.roomID, seq: $0.seq) }, of: .outputRoomEvent, in: tx)
        let data = heads.data > 0 ? [(key: heads.userID, seq: heads.data)] : []
        let isDataBehind = try !behind(data, of: .outputClientData, in: tx).isEmpty
        return rooms.isEmpty && !isDataBehind ? nil : rooms
    }

    private func behind<Message>(
        _ heads: [(key: String, seq: Int64)], of topic: Topic<Message>, in tx: Transaction
    ) throws -> [String] {
        heads.isEmpty ? [] : try cursors.behind(topic: topic.name, heads: heads, in: tx).map(\.key)
    }
}
