import Matrix

/// The authorization rules for `m.room.member`.
func checkMembership(_ event: Event, create: Event, in state: AuthState, signed: SignedByServer) throws {
    guard let target = event.stateKey, let membership = event.membership else {
        throw MatrixError.forbidden("A membership has a state key and a membership")
    }
    if event.version.rules.allowsRestrictedJoins, let authoriser = event.content["join_authorised_via_users_server"] {
        try require(
            authoriser.string.map { signed(domain(of: $0)) } ?? false,
            "The join is not signed by the server that is said to have authorised it"
        )
    }
    switch membership {
    case "join": try checkJoin(of: target, event, create: create, in: state)
    case "invite": try checkInvite(of: target, event, in: state)
    case "leave": try checkLeave(of: target, event, in: state)
    case "ban": try checkBan(of: target, event, in: state)
    case "knock" where event.version.rules.allowsKnocking: try checkKnock(of: target, event, in: state)
    default: throw MatrixError.forbidden("The membership is not known")
    }
}

private let unknownJoinRule = "The room's join rule lets nobody in"

private func checkJoin(of target: String, _ event: Event, create: Event, in state: AuthState) throws {
    let founder = event.version.rules.createNamesCreator ? create.content["creator"]?.string : create.sender
    if event.prevEvents == [create.eventID], let founder, founder.hasSameBytes(as: target) { return }

    try require(event.sender.hasSameBytes(as: target), "Nobody can join for somebody else")
    try require(state.targetMembership != "ban", "\(target) is banned from the room")
    if state.joinRule == "public" { return }

    let rules = event.version.rules
    switch state.joinRule {
    case "invite": break
    case "knock": try require(rules.allowsKnocking, unknownJoinRule)
    case "restricted": try require(rules.allowsRestrictedJoins, unknownJoinRule)
    case "knock_restricted": try require(rules.allowsKnockRestricted, unknownJoinRule)
    default: throw MatrixError.forbidden(unknownJoinRule)
    }
    if state.targetMembership == "invite" || state.targetMembership == "join" { return }

    guard state.joinRule == "restricted" || state.joinRule == "knock_restricted" else {
        throw MatrixError.forbidden("\(target) is not invited to the room")
    }
    guard let authoriser = event.content["join_authorised_via_users_server"]?.string else {
        throw MatrixError.forbidden("\(target) is not invited to the room, and nobody authorised the join")
    }
    try require(state.authoriserMembership == "join", "\(authoriser), who authorised the join, is not in the room")
    try require(
        state.powerLevels.level(of: authoriser) >= state.powerLevels.invite,
        "\(authoriser), who authorised the join, may not invite"
    )
}

private func checkInvite(of target: String, _ event: Event, in state: AuthState) throws {
    if let invite = event.content["third_party_invite"] {
        return try checkThirdPartyInvite(invite, of: target, event, in: state)
    }
    try require(state.senderMembership == "join", "\(event.sender) is not in the room")
    try require(state.targetMembership != "join", "\(target) is already in the room")
    try require(state.targetMembership != "ban", "\(target) is banned from the room")
    try require(state.powerLevels.level(of: event.sender) >= state.powerLevels.invite, "\(event.sender) may not invite")
}

private func checkLeave(of target: String, _ event: Event, in state: AuthState) throws {
    if event.sender.hasSameBytes(as: target) {
        let membership = state.targetMembership
        return try require(
            membership == "invite" || membership == "join" || (membership == "knock" && event.version.rules.allowsKnocking),
            "\(target) has no membership to give up"
        )
    }
    try require(state.senderMembership == "join", "\(event.sender) is not in the room")
    let level = state.powerLevels.level(of: event.sender)
    if state.targetMembership == "ban" {
        try require(level >= state.powerLevels.ban, "\(event.sender) may not lift a ban")
    }
    try require(level >= state.powerLevels.kick, "\(event.sender) may not remove users")
    try require(state.powerLevels.level(of: target) < level, "\(target)'s power level is not below that of \(event.sender)")
}

private func checkBan(of target: String, _ event: Event, in state: AuthState) throws {
    try require(state.senderMembership == "join", "\(event.sender) is not in the room")
    let level = state.powerLevels.level(of: event.sender)
    try require(level >= state.powerLevels.ban, "\(event.sender) may not ban")
    try require(state.powerLevels.level(of: target) < level, "\(target)'s power level is not below that of \(event.sender)")
}

private func checkKnock(of target: String, _ event: Event, in state: AuthState) throws {
    try require(
        state.joinRule == "knock" || (state.joinRule == "knock_restricted" && event.version.rules.allowsKnockRestricted),
        "The room does not take knocks"
    )
    try require(event.sender.hasSameBytes(as: target), "Nobody can knock for somebody else")
    let membership = state.senderMembership
    try require(
        membership != "ban" && membership != "invite" && membership != "join",
        "\(target) cannot knock, the membership being \(membership ?? "none")"
    )
}
