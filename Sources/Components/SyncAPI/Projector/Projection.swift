import Delivery
import Matrix
import SQL
import Topics

/// One thing that a topic told, on its way into the projection.
enum Projection: Sendable {
    case room(OutputEvent, OutboxKey, seq: Int64)
    case clientData(ClientData, OutboxKey, seq: Int64)
    case typing(Typing)
    case receipt(Receipt)
    case typingExpiry
}

/// The rooms and users whose syncs a transaction touched.
struct Touched: Sendable {
    var rooms: Set<String> = []
    var users: Set<String> = []
}

extension Projection {
    /// Writes it at a position. Its effect and the move of its key's cursor are one transaction.
    func apply(position: Int64, cursors: Cursors, touched: inout Touched, in tx: Transaction) throws -> Cursors.Step {
        switch self {
        case .room(let output, let key, let seq):
            let step = try cursors.advance(key, to: seq, in: tx)
            if step == .apply { try RoomEventProjection(output).write(position: position, touched: &touched, in: tx) }
            return step
        case .clientData(let data, let key, let seq):
            let step = try cursors.advance(key, to: seq, in: tx)
            guard step == .apply else { return step }
            try AccountDataTable.upsert(data, position: position, in: tx)
            touched.users.insert(data.userID)
        case .typing(let typing):
            guard try TypingTable.record(typing, position: position, in: tx) else { return .drop }
            touched.rooms.insert(typing.roomID)
        case .receipt(let receipt):
            guard try ReceiptsTable.record(receipt, position: position, in: tx) else { return .drop }
            try RoomsTable.touch(receipt.roomID, position: position, in: tx)
            if receipt.isPrivate { touched.users.insert(receipt.userID) } else { touched.rooms.insert(receipt.roomID) }
        case .typingExpiry:
            touched.rooms.formUnion(try TypingTable.expire(before: try tx.now, position: position, in: tx))
        }
        return .apply
    }
}

/// Writes what happened in a room.
struct RoomEventProjection {
    private let output: OutputEvent

    init(_ output: OutputEvent) { self.output = output }

    func write(position: Int64, touched: inout Touched, in tx: Transaction) throws {
        switch output {
        case .newEvent(let told):
            guard let version = RoomVersion(rawValue: told.roomVersion) else {
                throw MatrixError.unknown("room \(told.roomID) has the unknown version \(told.roomVersion)")
            }
            let event = try Event(parsing: told.event.bytes, version: version, eventID: told.eventID)
            let stored = StoredEvent(told, event, position: position)
            try EventsTable.insert(stored, in: tx)
            var joined: Int64 = 0, invited: Int64 = 0
            if stored.isCurrentState, stored.stateKey != nil {
                try CurrentStateTable.upsert(stored, in: tx)
                if stored.type == "m.room.member", let userID = stored.stateKey, let membership = stored.membership {
                    let before = try MembershipsTable.record(
                        room: told.roomID, user: userID, membership: membership, position: position,
                        strippedState: strippedState(told, event, membership), in: tx)
                    joined = count("join", before, membership)
                    invited = count("invite", before, membership)
                    touched.users.insert(userID)
                    if membership != "join" { try TypingTable.stop(userID, in: told.roomID, position: position, tx) }
                }
            }
            if let redacted = told.redacts { try redact(redacted, because: stored, event, in: tx) }
            try RoomsTable.touch(told.roomID, position: position, joined: joined, invited: invited, in: tx)
            touched.rooms.insert(told.roomID)
        case .forgotten(let told):
            try MembershipsTable.forget(told.userID, room: told.roomID, in: tx)
        }
    }

    /// What whoever is invited, or knocks, is shown of the room: what the roomserver says, and the event itself.
    private func strippedState(_ told: OutputEvent.NewEvent, _ event: Event, _ membership: String) -> [UInt8]? {
        guard ["invite", "knock"].contains(membership) else { return nil }
        let others = (told.strippedState ?? []).filter { stripped in
            stripped.object.map { $0["type"]?.string != event.type || $0["state_key"]?.string != event.stateKey } ?? false
        }
        return JSON.array((others + [event.strippedJSON()]).map { $0.parsed() }).serialized()
    }

    private func redact(_ eventID: String, because stored: StoredEvent, _ redaction: Event, in tx: Transaction) throws {
        guard let target = try EventsTable.event(eventID, room: stored.roomID, in: tx),
            let version = RoomVersion(rawValue: target.roomVersion)
        else { return }
        let redacted = try Event(parsing: target.pdu, version: version, eventID: eventID).redacted()
        try EventsTable.redact(
            target, to: redacted.bytes, content: redacted.contentJSON.bytes,
            because: redaction.clientJSON(includeRoomID: true).bytes, in: tx)
    }

    /// How a change of membership changes the number of those with one.
    private func count(_ membership: String, _ before: String?, _ after: String) -> Int64 {
        (after == membership ? 1 : 0) - (before == membership ? 1 : 0)
    }
}
