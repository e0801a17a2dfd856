/// What the syncapi is told by the configuration.
public struct SyncAPIConfig: Sendable {
    public var serverName: String
    /// The longest that a `/sync` may wait.
    public var longestPoll: Duration

    public init(serverName: String, longestPoll: Duration = .seconds(300)) {
        self.serverName = serverName
        self.longestPoll = longestPoll
    }
}
