import Matrix

/// Throws `M_FORBIDDEN` unless `authEvents`, the events that `event` names in `auth_events`, are those it should name:
/// of its room, no two for the same place, none but those selected, none rejected, and the create event where the
/// room version has it named.
public func checkAuthEvents(of event: Event, _ authEvents: [Event], isRejected: (Event) throws -> Bool) throws {
    if event.type == "m.room.create" { return }
    let selected = Set(authEventKeys(for: event))
    var seen: Set<StateKey> = []
    for authEvent in authEvents {
        guard let key = authEvent.place else { throw MatrixError.forbidden("A message is among the auth events") }
        try require(seen.insert(key).inserted, "The auth events have two of \(key)")
        try require(selected.contains(key), "\(key) does not belong among the auth events")
        try require(try !isRejected(authEvent), "\(authEvent.eventID) among the auth events was rejected")
        try require(
            authEvent.roomID.hasSameBytes(as: event.roomID), "\(authEvent.eventID) among the auth events is of another room"
        )
    }
    if !event.version.rules.createEventIsImplied {
        try require(seen.contains(.create), "The create event is not among the auth events")
    }
}

/// Throws `M_FORBIDDEN` unless `event` is allowed by its own auth events. `create` is the room's create event, which
/// from version 12 on is not among them but known by the room ID; nil if it was rejected or is not known.
public func authorize(
    _ event: Event, byAuthEvents authEvents: [Event], create: Event?, isRejected: (Event) throws -> Bool,
    signed: SignedByServer? = nil
) throws {
    try checkAuthEvents(of: event, authEvents, isRejected: isRejected)
    var state: [StateKey: Event] = [:]
    for authEvent in authEvents {
        if let place = authEvent.place { state[place] = authEvent }
    }
    if event.version.rules.createEventIsImplied { state[.create] = create }
    try authorize(event, against: { state[StateKey($0, $1)] }, signed: signed)
}
