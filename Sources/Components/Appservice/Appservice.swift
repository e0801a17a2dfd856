import Contracts
import Delivery
import Logging
import ServiceLifecycle
import SQL
import Topics

/// Tells application services what concerns them. It follows every room's log; none is registered yet that it would tell.
public struct Appservice: Sendable {
    let database: Database
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let logger: Logger

    public init(database: Database, bus: any Bus, roomserver: any RoomserverAPI, logger: Logger) async throws {
        self.database = database
        self.bus = bus
        self.roomserver = roomserver
        self.logger = logger
        try await database.migrate(
            "appservice", RoomEvents.cursors.migrations + RoomEvents.setAside.migrations + RoomEvents.leases.migrations)
    }

    public var services: [any Service] {
        [RoomEvents(database: database, bus: bus, roomserver: roomserver, logger: logger)]
    }
}
