import Matrix

/// Tells whether a server has validly signed the event at hand.
public typealias SignedByServer = (_ server: String) -> Bool

/// Throws `M_FORBIDDEN`, with the reason, unless the room's state allows `event`.
///
/// The whole of the [authorization rules](https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules) of the event's room
/// version, except those about its `auth_events`, for which there is `checkAuthEvents`. For `signed`, see
/// `presentSignature(on:)`, which answers when nothing is given.
public func authorize(_ event: Event, against state: StateLookup, signed: SignedByServer? = nil) throws {
    if event.type == "m.room.create" { return try checkCreate(event) }
    try authorize(event, in: AuthState(for: event, state), signed: signed ?? presentSignature(on: event))
}

private func authorize(_ event: Event, in state: AuthState, signed: SignedByServer) throws {
    let rules = event.version.rules
    guard let create = state.create else { throw MatrixError.forbidden("The room has no create event") }
    if rules.roomIDIsCreateHash {
        try require(
            event.roomID.utf8.dropFirst().elementsEqual(create.eventID.utf8.dropFirst()),
            "The room ID is not that of the room's create event"
        )
    }
    if create.content["m.federate"]?.bool == false {
        try require(haveSameDomain(event.sender, create.sender), "The room is closed to other servers")
    }
    if event.type == "m.room.aliases" && rules.aliasesAreSpecial {
        return try require(
            event.stateKey.map { $0.hasSameBytes(as: domain(of: event.sender)) } ?? false,
            "A server may only change aliases of its own"
        )
    }
    if event.type == "m.room.member" { return try checkMembership(event, create: create, in: state, signed: signed) }

    try require(state.senderMembership == "join", "\(event.sender) is not in the room")
    let level = state.powerLevels.level(of: event.sender)
    if event.type == "m.room.third_party_invite" {
        return try require(level >= state.powerLevels.invite, "\(event.sender) may not invite")
    }
    let required = state.powerLevels.required(for: event.type, isState: event.isState)
    try require(level >= required, "\(event.sender) has power level \(level), and \(event.type) takes \(required)")
    if let stateKey = event.stateKey, stateKey.hasPrefix("@") {
        try require(stateKey.hasSameBytes(as: event.sender), "State kept under a user's ID is that user's to change")
    }
    if event.type == "m.room.power_levels" { try checkPowerLevels(event, current: state.powerLevels) }
    if event.type == "m.room.redaction" && rules.authorizesRedactions {
        try require(
            level >= state.powerLevels.redact || event.redacts.map { haveSameDomain($0, event.eventID) } ?? false,
            "\(event.sender) may not redact events of other servers"
        )
    }
}

/// Counts a server's signature as valid when the event bears one. It is to be used where signatures have been verified
/// before, as they are for every event on receipt, and where they cannot be any more, as in state resolution.
public func presentSignature(on event: Event) -> SignedByServer {
    { server in !event.keyIDs(of: server).isEmpty }
}

/// Throws `M_FORBIDDEN` with the reason unless `condition` holds.
func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    if !condition { throw MatrixError.forbidden(reason()) }
}

/// The server that an identifier belongs to: what stands after the first colon; empty if it belongs to none.
func domain(of identifier: String) -> String {
    let utf8 = identifier.utf8
    return utf8.firstIndex(of: UInt8(ascii: ":")).map { String(identifier[utf8.index(after: $0)...]) } ?? ""
}

/// Whether two identifiers belong to one server.
func haveSameDomain(_ left: String, _ right: String) -> Bool {
    let domain = domain(of: left)
    return !domain.isEmpty && domain.hasSameBytes(as: RoomRules.domain(of: right))
}
