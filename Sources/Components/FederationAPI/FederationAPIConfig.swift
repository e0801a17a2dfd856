/// What the federationapi is told by the configuration.
public struct FederationAPIConfig: Sendable {
    public var serverName: String
    /// Where other servers find this one, for `/.well-known/matrix/server`; nil: it is not served.
    public var wellKnownServerName: String?

    public init(serverName: String, wellKnownServerName: String?) {
        self.serverName = serverName
        self.wellKnownServerName = wellKnownServerName
    }
}
