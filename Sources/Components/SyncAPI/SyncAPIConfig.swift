/// What the syncapi is told by the configuration.
public struct SyncAPIConfig: Sendable {
    public var serverName: String
    /// The longest that a `/sync` may wait.
    public var longestPoll: Duration
    /// No other process can project into this database, since none hears of what happens: the bus is the built-in one.
    /// Then a process that was killed does not keep the next from starting at once.
    public var isAlone: Bool
    /// Whether users see who is there.
    public var tellsPresence: Bool

    public init(serverName: String, longestPoll: Duration = .seconds(300), isAlone: Bool = false, tellsPresence: Bool = false) {
        self.serverName = serverName
        self.longestPoll = longestPoll
        self.isAlone = isAlone
        self.tellsPresence = tellsPresence
    }
}
