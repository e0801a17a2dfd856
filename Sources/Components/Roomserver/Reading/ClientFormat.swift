import Matrix
import SQL

/// Events as clients see them, with what the server adds in `unsigned`.
struct ClientFormat: Sendable {
    /// Milliseconds since 1970.
    let now: Int64

    /// One event, with the state that it replaced, unless an erased user sent that and it is not to be seen.
    func event(_ stored: StoredEvent, showingErased: Bool = true, _ tx: Transaction) throws -> RawJSON {
        let version = stored.event.version
        var unsigned: JSONObject = ["age": .integer(max(0, now - min(stored.event.originServerTS, now)))]
        if let redactedBy = stored.redactedBy, let redaction = try EventTable.find(eventIDs: [redactedBy], version: version, tx).first {
            unsigned["redacted_because"] = redaction.event.clientJSON().parsed()
            // Not specified, and told by Dendrite and Synapse.
            unsigned["redacted_by"] = .string(redactedBy)
        }
        if let replaces = stored.replaces {
            unsigned["replaces_state"] = .string(replaces)
            if let previous = try EventTable.find(eventIDs: [replaces], version: version, tx).first,
                try showingErased || !ErasedTable.contains(previous.event.sender, tx)
            {
                unsigned["prev_content"] = .object(previous.event.content)
            }
        }
        return stored.event.clientJSON(unsigned: unsigned)
    }
}
