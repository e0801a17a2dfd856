import Matrix

/// The places in the room's state from which an event takes its right to be sent.
/// [Auth events selection](https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection)
public func authEventKeys(
    type: String, sender: String, stateKey: String?, content: JSONObject, version: RoomVersion
) -> [StateKey] {
    guard type != "m.room.create" else { return [] }
    var keys: [StateKey] = version.rules.createEventIsImplied ? [] : [.create]
    keys += [.powerLevels, .member(sender)]
    guard type == "m.room.member" else { return keys }

    if let stateKey, !stateKey.hasSameBytes(as: sender) { keys.append(.member(stateKey)) }
    let membership = content["membership"]?.string
    if membership == "join" || membership == "invite" || membership == "knock" { keys.append(.joinRules) }
    if membership == "invite", let token = content["third_party_invite"]?.object?["signed"]?.object?["token"]?.string {
        keys.append(.thirdPartyInvite(token))
    }
    if membership == "join", version.rules.allowsRestrictedJoins,
        let authoriser = content["join_authorised_via_users_server"]?.string, !keys.contains(.member(authoriser))
    {
        keys.append(.member(authoriser))
    }
    return keys
}

/// The places in the room's state from which `event` takes its right to be sent.
public func authEventKeys(for event: Event) -> [StateKey] {
    authEventKeys(
        type: event.type, sender: event.sender, stateKey: event.stateKey, content: event.content, version: event.version
    )
}
