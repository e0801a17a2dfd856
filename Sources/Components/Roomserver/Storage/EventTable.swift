import Matrix
import SQL

/// An event as it is kept.
struct StoredEvent: Sendable {
    let nid: Int64
    /// As it may be shown: redacted, if it was.
    let event: Event
    let stateBefore: Int64
    /// The state event that it took the place of.
    let replaces: String?
    /// The redaction that took its content.
    let redactedBy: String?
}

/// `roomserver_events`: every event, as the bytes it is.
enum EventTable {
    static var schema: [SQL] {
        [
            """
            CREATE TABLE roomserver_events (
                event_nid \(.identity),
                event_id \(.text) NOT NULL UNIQUE,
                room_nid \(.integer) NOT NULL,
                type \(.text) NOT NULL,
                state_key \(.text),
                sender \(.text) NOT NULL,
                depth \(.integer) NOT NULL,
                origin_server_ts \(.integer) NOT NULL,
                state_before \(.integer) NOT NULL,
                state_after \(.integer) NOT NULL,
                replaces \(.text),
                redacts \(.text),
                redacted_by \(.text),
                rejected \(.boolean) NOT NULL DEFAULT FALSE,
                soft_failed \(.boolean) NOT NULL DEFAULT FALSE,
                json \(.bytes) NOT NULL
            )
            """,
            "CREATE INDEX roomserver_events_redacts ON roomserver_events (redacts) WHERE redacts IS NOT NULL",
        ]
    }

    /// Takes numbers for events. Under their rooms' locks, so that they rise within a room.
    static func takeNumbers(_ count: Int, _ tx: Transaction) throws -> [Int64] { try takeNumbersAhead(count, tx)() }

    /// The same with the next statement that is waited for.
    static func takeNumbersAhead(_ count: Int, _ tx: Transaction) throws -> () throws -> [Int64] {
        let taken = try Numbers.take(count, of: "event_nid", in: "roomserver_events", tx)
        return { try taken.rows(as: Int64.self) }
    }

    /// Writes the events of changes under numbers that were taken for them, and returns the numbers by event ID.
    static func insert(_ changes: [RoomChange], numbers: [Int64], _ tx: Transaction) throws -> [String: Int64] {
        let events = changes.flatMap { change in change.added.map { (room: change.room.nid, added: $0) } }
        guard events.count <= numbers.count else { throw MatrixError.unknown("fewer numbers than events") }
        let numbered = Array(zip(numbers, events))
        for page in numbered.pages(of: 500) {
            let values = page.map { nid, event -> [any SQLBindable] in
                let (room, added, event) = (event.room, event.added, event.added.event)
                return [
                    nid, event.eventID, room, event.type, event.stateKey, event.sender, event.depth, event.originServerTS,
                    added.stateBefore, added.stateAfter, added.replaces?.eventID, event.storedRedacts, event.bytes,
                ]
            }
            try tx.later(
                """
                INSERT INTO roomserver_events (event_nid, event_id, room_nid, type, state_key, sender, depth, origin_server_ts,
                    state_before, state_after, replaces, redacts, json)
                \(rows: values)
                """)
        }
        return Dictionary(numbered.map { ($1.added.event.eventID, $0) }) { first, _ in first }
    }

    /// Takes the content of an event away; the first redaction stays the one that is named.
    static func redact(_ eventID: String, by redaction: String, room: Int64, _ tx: Transaction) throws {
        try tx.later(
            """
            UPDATE roomserver_events SET redacted_by = \(redaction)
            WHERE event_id = \(eventID) AND room_nid = \(room) AND redacted_by IS NULL
            """)
    }

    static func find(_ eventID: String, in room: RoomRow, _ tx: Transaction) throws -> StoredEvent? {
        try select("WHERE event_id = \(eventID) AND room_nid = \(room.nid) AND NOT rejected", room.version, tx).first
    }

    static func find(nids: [Int64], version: RoomVersion, _ tx: Transaction) throws -> [StoredEvent] {
        if nids.isEmpty { return [] }
        return try select("WHERE event_nid \(anyOf: nids)", version, tx)
    }

    static func find(eventIDs: [String], version: RoomVersion, _ tx: Transaction) throws -> [StoredEvent] {
        if eventIDs.isEmpty { return [] }
        return try select("WHERE event_id \(anyOf: eventIDs)", version, tx)
    }

    static func exists(_ eventID: String, _ tx: Transaction) throws -> Bool {
        try tx.row("SELECT 1 FROM roomserver_events WHERE event_id = \(eventID)", as: Int64.self) != nil
    }

    /// The state group that an event leads to; 0 where there is no such event.
    static func stateAfter(_ nid: Int64, _ tx: Transaction) throws -> Int64 {
        try tx.row("SELECT state_after FROM roomserver_events WHERE event_nid = \(nid)", as: Int64.self) ?? 0
    }

    private static func select(_ condition: SQL, _ version: RoomVersion, _ tx: Transaction) throws -> [StoredEvent] {
        try tx.rows(
            """
            SELECT event_nid, event_id, json, state_before, replaces, redacted_by FROM roomserver_events \(sql: condition)
            """,
            as: Int64.self, String.self, [UInt8].self, Int64.self, String?.self, String?.self
        ).map { nid, eventID, json, stateBefore, replaces, redactedBy in
            StoredEvent(
                nid: nid, event: try read(json, eventID, version, redactedBy: redactedBy), stateBefore: stateBefore,
                replaces: replaces, redactedBy: redactedBy)
        }
    }

    /// The event of a row.
    static func read(_ json: [UInt8], _ eventID: String, _ version: RoomVersion, redactedBy: String?) throws -> Event {
        let event = try Event(parsing: json, version: version, eventID: eventID)
        return redactedBy == nil ? event : try event.redacted()
    }
}

extension Event {
    /// What the `redacts` column holds: what a database can hold, and only of redactions.
    fileprivate var storedRedacts: String? {
        guard type == "m.room.redaction", let redacts, !redacts.utf8.contains(0) else { return nil }
        return redacts
    }
}
