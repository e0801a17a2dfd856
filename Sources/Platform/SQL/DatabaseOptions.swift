/// How a database is used. The defaults do for most components.
public struct DatabaseOptions: Sendable {
    /// Who we are to the database's operator, and in `/metrics`.
    public var name: String
    /// `max_open_conns`. SQLite has one writer, and this many readers.
    public var maxOpenConnections: Int
    /// `max_idle_conns`: those beyond are closed once they have been idle for a while.
    public var maxIdleConnections: Int
    /// `conn_max_lifetime`: nil for ever.
    public var connectionMaxLifetime: Duration?
    /// How long a transaction waits for a connection before it fails with ``DatabaseUnavailable``.
    public var waitLimit: Duration = .seconds(5)
    /// The same where the server is known to be away: whoever asks us is told so before they lose patience with us.
    public var waitLimitWhenAway: Duration = .seconds(1)
    /// How many transactions may wait; one more fails at once.
    public var maxWaiting = 2_000
    public var lockTimeout: Duration = .seconds(5)
    public var statementTimeout: Duration = .seconds(30)
    /// A holder of locks that stands still lets go after this.
    public var idleInTransactionTimeout: Duration = .seconds(10)

    public init(
        name: String = "dendrite", maxOpenConnections: Int = 10, maxIdleConnections: Int = 2,
        connectionMaxLifetime: Duration? = nil
    ) {
        self.name = name
        self.maxOpenConnections = max(1, maxOpenConnections)
        self.maxIdleConnections = max(0, maxIdleConnections)
        self.connectionMaxLifetime = connectionMaxLifetime
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
