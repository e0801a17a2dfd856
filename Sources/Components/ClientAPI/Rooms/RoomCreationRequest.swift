import Matrix

/// The body of `POST /createRoom`.
struct RoomCreationRequest: Decodable, Sendable {
    enum Visibility: String, Decodable, Sendable { case `public`, `private` }

    enum Preset: String, Decodable, Sendable {
        case privateChat = "private_chat"
        case trustedPrivateChat = "trusted_private_chat"
        case publicChat = "public_chat"
    }

    struct StateEvent: Decodable, Sendable {
        var type: String
        var stateKey: String?
        var content: RawJSON
        enum CodingKeys: String, CodingKey {
            case type, content
            case stateKey = "state_key"
        }
    }

    var visibility: Visibility?
    var preset: Preset?
    var roomAliasName: String?
    var name: String?
    var topic: String?
    var invite: [String]?
    var invite3PID: [ThirdPartyInvites.Address]?
    var roomVersion: String?
    var creationContent: JSON?
    var initialState: [StateEvent]?
    var isDirect: Bool?
    var powerLevelContentOverride: JSON?

    enum CodingKeys: String, CodingKey {
        case visibility, preset, name, topic, invite
        case roomAliasName = "room_alias_name"
        case invite3PID = "invite_3pid"
        case roomVersion = "room_version"
        case creationContent = "creation_content"
        case initialState = "initial_state"
        case isDirect = "is_direct"
        case powerLevelContentOverride = "power_level_content_override"
    }

    /// The preset, or the one that goes with the visibility.
    var effectivePreset: Preset { preset ?? (visibility == .public ? .publicChat : .privateChat) }
}
