import Matrix
import RoomRules

/// What somebody outside a room is told of it, with an invite.
/// [Stripped state](https://spec.matrix.org/v1.19/client-server-api/#stripped-state)
enum StrippedState {
    static let keys = [
        "m.room.create", "m.room.join_rules", "m.room.name", "m.room.canonical_alias", "m.room.avatar", "m.room.encryption",
        "m.room.topic",
    ].map { StateKey($0) }

    /// At most this many bytes go with an event: the least telling events are left out.
    static let limit = 64 << 10

    static func bounded(_ events: [Event]) -> [RawJSON] {
        var size = 0
        return events.map { $0.strippedJSON() }.filter { json in
            guard size + json.bytes.count <= limit else { return false }
            size += json.bytes.count
            return true
        }
    }
}
