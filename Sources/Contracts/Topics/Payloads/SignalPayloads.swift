/// The sync position has risen, for these rooms and users: who waits for one of them looks.
public struct PositionSignal: Codable, Sendable, Equatable {
    /// Where it stood before.
    public var after: Int64
    public var position: Int64
    public var roomIDs: [String]
    public var userIDs: [String]

    public init(after: Int64, position: Int64, roomIDs: [String], userIDs: [String]) {
        self.after = after
        self.position = position
        self.roomIDs = roomIDs
        self.userIDs = userIDs
    }
}

/// These devices of a user are logged out (nil: all): whoever keeps their access tokens in a cache drops them.
public struct DevicesGone: Codable, Sendable, Equatable {
    public var userID: String
    public var deviceIDs: [String]?

    public init(userID: String, deviceIDs: [String]?) {
        self.userID = userID
        self.deviceIDs = deviceIDs
    }
}
