/// What the federationapi is told by the configuration.
public struct FederationAPIConfig: Sendable {
    public var serverName: String
    /// Where other servers find this one, for `/.well-known/matrix/server`; nil: it is not served.
    public var wellKnownServerName: String?

    /// Those whose keys sign third-party invites.
    public var trustedIdentityServers: [String]

    public init(serverName: String, wellKnownServerName: String?, trustedIdentityServers: [String] = []) {
        self.serverName = serverName
        self.wellKnownServerName = wellKnownServerName
        self.trustedIdentityServers = trustedIdentityServers
    }
}
