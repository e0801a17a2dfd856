import Matrix
import SQL
import Topics

/// Reads who has read what and who is typing, of all rooms at once.
struct EphemeralReader {
    let request: SyncRequest
    let tx: Transaction

    /// By room, what changed in each above the position where its section begins.
    func read(_ sections: [RoomSection]) throws -> [String: [RawJSON]] {
        let filter = request.filter.room?.ephemeral
        let spans = sections.filter { filter?.allows(room: $0.roomID) ?? true }.map {
            RoomSpan(roomID: $0.roomID, low: $0.low, high: $0.high)
        }
        var events: [String: [RawJSON]] = [:]
        if filter?.allows(type: "m.receipt") ?? true {
            for (room, receipts) in try ReceiptsTable.receipts(spans, for: request.userID, in: tx) {
                events[room, default: []] += receiptEvents(receipts)
            }
        }
        if filter?.allows(type: "m.typing") ?? true {
            for (room, users) in try TypingTable.changed(spans, in: tx) {
                events[room, default: []].append(typingEvent(users))
            }
        }
        return events
    }
}

/// `m.typing`: who is typing.
/// [Typing](https://spec.matrix.org/v1.19/client-server-api/#mtyping)
func typingEvent(_ users: [String]) -> RawJSON {
    RawJSON(JSON.object(["type": "m.typing", "content": ["user_ids": .array(users.map { .string($0) })]]))
}

/// `m.receipt`: by event, by kind, by user. One event has room for one receipt of a user of each kind for an event; where there
/// are several, for threads, there are several events.
/// [Receipts](https://spec.matrix.org/v1.19/client-server-api/#mreceipt)
func receiptEvents(_ receipts: [Receipt]) -> [RawJSON] {
    var contents: [JSONObject] = []
    for receipt in receipts {
        var data: JSONObject = ["ts": .integer(receipt.timestamp)]
        if let thread = receipt.threadID { data["thread_id"] = .string(thread) }
        let index = contents.firstIndex { $0[receipt.eventID]?[receipt.type]?[receipt.userID] == nil } ?? contents.count
        if index == contents.count { contents.append([:]) }
        var byType = contents[index][receipt.eventID]?.object ?? [:]
        var byUser = byType[receipt.type]?.object ?? [:]
        byUser[receipt.userID] = .object(data)
        byType[receipt.type] = .object(byUser)
        contents[index][receipt.eventID] = .object(byType)
    }
    return contents.map { RawJSON(JSON.object(["type": "m.receipt", "content": .object($0)])) }
}
