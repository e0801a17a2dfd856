import Matrix
import RoomRules

/// What the roomserver is configured with.
public struct RoomserverConfig: Sendable {
    public var serverName: String
    /// Signs the events of local users.
    public var signingKey: SigningKey
    /// What a room is made with when its creator does not say.
    public var defaultRoomVersion: RoomVersion
    /// How long the rooms' output log is kept: a listener that was away for longer misses what happened before.
    public var outputRetention: Duration
    /// How long a request may be sent again for the same answer.
    public var transactionRetention: Duration
    /// What the current state of rooms in use may take in memory, in bytes.
    public var stateCacheBytes: Int

    public init(
        serverName: String, signingKey: SigningKey, defaultRoomVersion: RoomVersion = .default,
        outputRetention: Duration = .seconds(7 * 86_400), transactionRetention: Duration = .seconds(2 * 86_400),
        stateCacheBytes: Int = 64 << 20
    ) {
        self.serverName = serverName
        self.signingKey = signingKey
        self.defaultRoomVersion = defaultRoomVersion
        self.outputRetention = outputRetention
        self.transactionRetention = transactionRetention
        self.stateCacheBytes = stateCacheBytes
    }
}
