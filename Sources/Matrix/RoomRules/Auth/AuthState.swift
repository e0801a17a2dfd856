import Matrix

/// Looks an event up in a room's state, by type and state key.
public typealias StateLookup = (_ type: String, _ stateKey: String) throws -> Event?

/// All that the authorization rules ask of a room's state about one event, read once.
struct AuthState {
    let create: Event?
    let powerLevels: PowerLevels
    let joinRule: String
    let senderMembership: String?
    let targetMembership: String?
    /// The membership of the user who let the sender into a restricted room.
    let authoriserMembership: String?
    let thirdPartyInvite: Event?

    init(for event: Event, _ state: StateLookup) throws {
        func find(_ key: StateKey) throws -> Event? { try state(key.type, key.stateKey) }
        create = try find(.create)
        powerLevels = PowerLevels(try find(.powerLevels), create: create, version: event.version)
        let sender = try find(.member(event.sender))?.membership
        senderMembership = sender

        let keys = event.type == "m.room.member" ? authEventKeys(for: event) : []
        joinRule = keys.contains(.joinRules) ? try find(.joinRules)?.content["join_rule"]?.string ?? "invite" : "invite"
        if event.type == "m.room.member", let target = event.stateKey {
            targetMembership = target.hasSameBytes(as: event.sender) ? sender : try find(.member(target))?.membership
        } else {
            targetMembership = nil
        }
        if event.version.rules.allowsRestrictedJoins, event.membership == "join",
            let authoriser = event.content["join_authorised_via_users_server"]?.string
        {
            authoriserMembership = try find(.member(authoriser))?.membership
        } else {
            authoriserMembership = nil
        }
        thirdPartyInvite = try keys.first { $0.type == "m.room.third_party_invite" }.flatMap(find)
    }
}
