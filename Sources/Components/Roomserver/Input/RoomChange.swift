import Matrix
import RoomRules
import Topics

/// An event that shall be written, with all that is written with it.
struct AddedEvent: Sendable {
    let event: Event
    let stateBefore: Int64
    /// Differs from `stateBefore` for a state event.
    let stateAfter: Int64
    let replaces: Event?
    let historyVisibility: String
    let strippedState: [RawJSON]?
    /// The event that it took the content from.
    let redacts: String?
    let transaction: OutputEvent.Transaction?
    /// The request that it was made for, for logs.
    let requestID: String?
}

/// An event whose content a redaction took.
struct AppliedRedaction: Sendable {
    let eventID: String
    let by: String
    /// The place that the event takes in the current state.
    let place: StateKey?
}

/// All that a transaction writes of a room.
struct RoomChange: Sendable {
    /// As it is afterwards, but for its number in the output log.
    var room: RoomRow
    let added: [AddedEvent]
    let redactions: [AppliedRedaction]
    /// What the room says of itself, where that may have changed.
    let summary: RoomSummary?
    /// Guests who are in the room may no longer be.
    let endsGuestAccess: Bool
    /// What is known of the room's state afterwards.
    let knownState: KnownState

    var isEmpty: Bool { added.isEmpty }
    var hasState: Bool { added.contains(where: \.event.isState) }
}
