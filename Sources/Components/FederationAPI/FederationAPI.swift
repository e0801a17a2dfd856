import Contracts
import Logging
import ServiceLifecycle
import SQL
import Topics
import Web

/// Speaks with other homeservers. It knows which of them are in which room, from what the roomserver tells.
public struct FederationAPI: Sendable {
    let config: FederationAPIConfig
    let database: Database
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let identityKeys: IdentityKeys
    let logger: Logger

    public init(
        config: FederationAPIConfig, database: Database, bus: any Bus, roomserver: any RoomserverAPI, users: any UserAPI,
        logger: Logger
    ) async throws {
        self.config = config
        self.database = database
        self.bus = bus
        self.roomserver = roomserver
        self.users = users
        self.logger = logger
        identityKeys = IdentityKeys(
            trusted: config.trustedIdentityServers, roomserver: roomserver, client: HTTPClient(), logger: logger)
        try await database.migrate(
            "federationapi",
            [Migration("0001 joined hosts") { JoinedHostsTable.schema }] + RoomEvents.cursors.migrations
                + RoomEvents.setAside.migrations + RoomEvents.leases.migrations)
    }

    public var services: [any Service] {
        [RoomEvents(serverName: config.serverName, database: database, bus: bus, roomserver: roomserver, logger: logger)]
    }

    public var endpoints: [Endpoint] { federationRoutes }
}
