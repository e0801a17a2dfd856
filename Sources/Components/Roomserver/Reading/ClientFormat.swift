import Matrix
import SQL

/// Events as clients see them, with what the server adds in `unsigned`.
struct ClientFormat: Sendable {
    /// Milliseconds since 1970.
    let now: Int64

    /// Events of a room's state, each with its age, and why it was redacted.
    func events(_ state: [StateEvent], _ version: RoomVersion, _ tx: Transaction) throws -> [RawJSON] {
        let redactions = try redactions(state.compactMap(\.redactedBy), version, tx)
        return state.map { $0.event.clientJSON(unsigned: unsigned($0.event, $0.redactedBy.flatMap { redactions[$0] })) }
    }

    /// One event, with the state that it replaced.
    func event(_ stored: StoredEvent, _ tx: Transaction) throws -> RawJSON {
        let version = stored.event.version
        let redactions = try redactions([stored.redactedBy].compactMap(\.self), version, tx)
        var unsigned = unsigned(stored.event, stored.redactedBy.flatMap { redactions[$0] })
        if let replaces = stored.replaces {
            unsigned["replaces_state"] = .string(replaces)
            if let previous = try EventTable.find(eventIDs: [replaces], version: version, tx).first {
                unsigned["prev_content"] = .object(previous.event.content)
            }
        }
        return stored.event.clientJSON(unsigned: unsigned)
    }

    private func unsigned(_ event: Event, _ redaction: Event?) -> JSONObject {
        var unsigned: JSONObject = ["age": .integer(max(0, now - min(event.originServerTS, now)))]
        if let redaction { unsigned["redacted_because"] = redaction.clientJSON().parsed() }
        return unsigned
    }

    private func redactions(_ eventIDs: [String], _ version: RoomVersion, _ tx: Transaction) throws -> [String: Event] {
        let events = try EventTable.find(eventIDs: eventIDs, version: version, tx).map { ($0.event.eventID, $0.event) }
        return Dictionary(events) { first, _ in first }
    }
}
