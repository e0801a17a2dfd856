/// The bounds of an ``HTTPServer``.
public struct ServerOptions: Sendable {
    /// For one more than these, the one goes whose client has done nothing for the longest; where each is at work, it is refused.
    public var maxConnections = 10_000
    /// Bodies and answers that are in memory because their clients are slow take no more than this in all.
    public var maxHeldBytes = 256 << 20
    /// How many requests a user may have open, beside those that park.
    public var maxOpenRequestsPerUser = 200
    /// A connection on which nothing is asked, or a request stops coming, is closed after this.
    public var idleTimeout: Duration = .seconds(75)
    /// A body has to be here whole within this, and the time that it takes at ``minimumBytesPerSecond``.
    public var bodyTimeout: Duration = .seconds(60)
    /// For how long the rest of a body is taken and thrown away, after an answer that did not need it.
    public var lingerTimeout: Duration = .seconds(5)
    /// How long the other side may take nothing of what is sent to it; and all of it within this beyond what it takes at
    /// ``minimumBytesPerSecond``.
    public var stallTimeout: Duration = .seconds(60)
    public var minimumBytesPerSecond = 4 << 10
    /// How long requests in flight may take when the server stops; then they are cancelled.
    public var drainTimeout: Duration = .seconds(15)
    public var maxHeaderBytes = 64 << 10
    public var maxHeaderFields = 200
    /// Browsers on other sites may use what is served.
    /// [Web browser clients](https://spec.matrix.org/v1.19/client-server-api/#web-browser-clients)
    public var allowsBrowsers = true
    /// The header in which a trusted proxy names the client's address.
    public var realIPHeader: String?
    /// Whose word about that is believed.
    public var trustedProxies = AddressRange.nearby

    public init() {}
}

/// The files of a certificate, for a listener that speaks TLS.
public struct TLSFiles: Sendable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
