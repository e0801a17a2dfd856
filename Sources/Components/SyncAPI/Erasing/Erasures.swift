import Matrix
import SQL

/// What erased users sent, as it is shown to a reader who was not in the room then: redacted. State that the room has to this
/// day stays, but for what members are called.
///
/// Only rooms in which somebody was who is erased are looked at further than that.
/// [Deactivating an account](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate)
struct Erasures {
    /// By position, what is shown in place of an event.
    private var shown: [Int64: StoredEvent] = [:]
    private var redacted: Set<Int64> = []

    /// - Parameter histories: how the reader's membership went, by room.
    init(among events: [StoredEvent], _ histories: [String: MembershipHistory], in tx: Transaction) throws {
        let unseen = events.filter { histories[$0.roomID]?.membership(at: $0.position) != "join" }
        let rooms = try ErasedTable.rooms(among: Set(unseen.map(\.roomID)), in: tx)
        if rooms.isEmpty { return }
        let suspects = unseen.filter { rooms.contains($0.roomID) }
        let erased = try ErasedTable.users(among: Set(suspects.map(\.sender)), in: tx)
        let sent = suspects.filter { erased.contains($0.sender) }
        let present = try CurrentStateTable.holding(sent.filter { $0.slot != nil && $0.type != "m.room.member" }, in: tx)
        for event in sent where !present.contains(event.position) {
            shown[event.position] = try event.redacted()
            redacted.insert(event.position)
        }
        try hideWhatWasReplaced(by: suspects, in: tx)
    }

    /// What a state event took the place of is told with it.
    private mutating func hideWhatWasReplaced(by events: [StoredEvent], in tx: Transaction) throws {
        let replacing = events.filter { shown[$0.position] == nil && $0.prevContent != nil }
        let replaced = try ErasedTable.events(among: Set(replacing.compactMap(\.replacesID)), in: tx)
        for event in replacing where event.replacesID.map(replaced.contains) ?? false {
            shown[event.position] = event.withoutPrevContent()
        }
    }

    var isEmpty: Bool { shown.isEmpty }

    func callAsFunction(_ event: StoredEvent) -> StoredEvent { shown[event.position] ?? event }

    /// Whether nothing is left of an event for the reader.
    func hides(_ event: StoredEvent) -> Bool { redacted.contains(event.position) }
}

extension [StoredEvent] {
    /// The same as a reader is shown them who may see them.
    func erased(for histories: [String: MembershipHistory], in tx: Transaction) throws -> Self {
        let erasures = try Erasures(among: self, histories, in: tx)
        return erasures.isEmpty ? self : map { erasures($0) }
    }
}

extension StoredEvent {
    fileprivate func redacted() throws -> StoredEvent {
        guard let version = RoomVersion(rawValue: roomVersion) else {
            throw MatrixError.unknown("room \(roomID) has the unknown version \(roomVersion)")
        }
        var event = withoutPrevContent()
        event.pdu = try Event(parsing: pdu, version: version, eventID: eventID).redacted().bytes
        event.containsURL = false
        return event
    }

    fileprivate func withoutPrevContent() -> StoredEvent {
        var event = self
        event.prevContent = nil
        return event
    }
}
