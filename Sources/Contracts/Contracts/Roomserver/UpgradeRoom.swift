import InternalAPI

/// Replaces a room by a new one of another version, with what of its state can be taken along, its aliases and its place
/// in the directory, in one transaction. Sent again with the same key it answers with the same room.
/// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
/// Errors: M_NOT_FOUND, M_FORBIDDEN (may not send `m.room.tombstone`), M_UNSUPPORTED_ROOM_VERSION, M_INVALID_PARAM.
public struct UpgradeRoom: Call {
    public static let path = "/roomserver/upgradeRoom"
    public static var idempotency: Idempotency { .keyed }
    public var key: String
    public var roomID: String
    public var userID: String
    public var version: String
    /// Who shall be creators beside the user, in versions that know such.
    public var additionalCreators: [String]

    public init(key: String, roomID: String, userID: String, version: String, additionalCreators: [String]) {
        self.key = key
        self.roomID = roomID
        self.userID = userID
        self.version = version
        self.additionalCreators = additionalCreators
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var replacementRoom: String
        public init(replacementRoom: String) { self.replacementRoom = replacementRoom }
    }
}
