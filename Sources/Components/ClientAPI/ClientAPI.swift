import Contracts
import Logging
import ServiceLifecycle
import Topics
import Web

/// The clientapi: what clients ask for, but for `/sync` and media. It keeps nothing, so any replica answers any request.
public struct ClientAPI: Sendable {
    let config: ClientAPIConfig
    let users: any UserAPI
    let rooms: any RoomserverAPI
    let sync: any SyncServerAPI
    let bus: any Bus
    let logger: Logger
    let limiter: RateLimiter
    let captcha: Captcha?
    let identityServers: IdentityServers
    let identityKeys: IdentityKeys
    let bindings: AddressBindings

    /// - Parameter client: asks other servers.
    public init(
        config: ClientAPIConfig, users: any UserAPI, rooms: any RoomserverAPI, sync: any SyncServerAPI, bus: any Bus,
        client: HTTPClient = HTTPClient(), logger: Logger
    ) {
        self.config = config
        self.users = users
        self.rooms = rooms
        self.sync = sync
        self.bus = bus
        self.logger = logger
        limiter = RateLimiter(config.rateLimiting)
        identityServers = IdentityServers(trusted: config.trustedIdentityServers, client: client, logger: logger)
        identityKeys = IdentityKeys(trusted: config.trustedIdentityServers, roomserver: rooms, client: client, logger: logger)
        bindings = AddressBindings(servers: identityServers, users: users, rooms: rooms, logger: logger)
        captcha = config.captcha.map { Captcha(config: $0, client: client, logger: logger) }
    }

    /// What runs for as long as the process does.
    public var services: [any Service] { [] }

    /// Everything that is served, in the specification's order.
    public var endpoints: [Endpoint] {
        let suspension = Suspension(rooms: rooms)
        return (sessionRoutes + roomRoutes + serverNoticeRoutes).map(suspension.applied)
    }
}
