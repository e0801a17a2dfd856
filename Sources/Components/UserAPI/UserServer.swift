import Contracts
import Delivery
import Logging
import Matrix
import SQL
import ServiceLifecycle
import Topics

/// The userapi: accounts, their devices, profiles and account data.
///
/// It keeps nothing but rows, so that any replica answers any call.
public final class UserServer: UserAPI, Sendable {
    let config: UserAPIConfig
    let database: Database
    let bus: any Bus
    let passwords: Passwords
    let mails: ValidationMails?
    let outbox = Outbox(prefix: "userapi")
    let publisher: OutboxPublisher
    /// The users who are leaving their rooms.
    let departures = Claims(prefix: "userapi_departures")
    let carrying: ProfileCarrying?
    let logger: Logger

    /// Brings the tables up to date first. Without a roomserver, no room hears of changed profiles.
    public init(
        config: UserAPIConfig, database: Database, bus: any Bus, roomserver: (any RoomserverAPI)? = nil, logger: Logger
    ) async throws {
        self.config = config
        self.database = database
        self.bus = bus
        self.logger = logger
        passwords = Passwords(cost: config.bcryptCost)
        mails = try config.email.map { try ValidationMails($0, serverName: config.serverName, logger: logger) }
        publisher = OutboxPublisher(outbox: outbox, database: database, logger: logger) { entries in
            try await bus.publish(entries.map(Outgoing.init))
        }
        carrying = roomserver.map { ProfileCarrying(database: database, roomserver: $0, logger: logger) }
        try await database.migrate(
            "userapi",
            outbox.migrations + Schema.migrations + departures.migrations + ProfileCarrying.claims.migrations)
    }

    /// What runs for as long as the process does.
    public var services: [any Service] {
        let services: [any Service] = [publisher, Pruning(database: database, logger: logger)]
        return services + (carrying.map { [$0.worker] } ?? [])
    }

    /// Takes whoever is deactivated out of their rooms; to be run for as long as the process does.
    public func departures(from rooms: any RoomserverAPI) -> any Service {
        Departures(rooms: rooms, logger: logger).worker(departures, on: database)
    }

    /// Tells whoever keeps access tokens in a cache that these have ended. May be lost: the caches believe nothing for long.
    func tell(devicesGone deviceIDs: [String]?, of userID: String) async {
        guard let bytes = try? JSONCoder.encode(DevicesGone(userID: userID, deviceIDs: deviceIDs)) else { return }
        await bus.signal(Signals.devicesGone, bytes)
    }
}
