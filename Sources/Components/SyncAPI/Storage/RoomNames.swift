import Matrix
import SQL

extension EventsTable {
    /// Of rooms: those that have a name of their own, or an alias for it, and those where that changed above a position.
    static func names(
        of rooms: [String], above position: Int64, in tx: Transaction
    ) throws -> (named: Set<String>, changed: Set<String>) {
        if rooms.isEmpty { return ([], []) }
        let events = try select(
            from: """
                syncapi_current_state c JOIN syncapi_events e ON e.position = c.position
                WHERE c.room_id \(anyOf: rooms) AND c.type IN ('m.room.name', 'm.room.canonical_alias') AND c.state_key = ''
                """, order: "", in: tx)
        let named = events.filter { event in
            let content = (try? JSON(parsing: event.pdu))?["content"]
            return !(content?[event.type == "m.room.name" ? "name" : "alias"]?.string?.isEmpty ?? true)
        }
        return (Set(named.map(\.roomID)), Set(events.filter { $0.position > position }.map(\.roomID)))
    }
}
