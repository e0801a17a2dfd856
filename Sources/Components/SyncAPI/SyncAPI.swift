import Contracts
import Logging
import ServiceLifecycle
import SQL
import Topics

/// Answers what clients ask about the past and the present of their rooms, from a projection of what the topics told.
public struct SyncAPI: Sendable {
    let config: SyncAPIConfig
    let database: Database
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let logger: Logger
    let notifier = Notifier()
    let recent: Recent
    let barrier: Barrier
    let filters: Filters
    /// Nil: nobody is told who is there.
    let syncing: SyncingUsers?
    let sync: Sync
    let messages: Messages
    let relations: Relations
    let threads: Threads
    let search: Search
    let context: EventContext
    let timestamps: EventByTimestamp
    let initialSync: InitialSync
    let roomInitialSync: RoomInitialSync
    let eventStream: EventStream

    public init(
        config: SyncAPIConfig, database: Database, bus: any Bus, roomserver: any RoomserverAPI, users: any UserAPI,
        logger: Logger
    ) async throws {
        self.config = config
        self.database = database
        self.bus = bus
        self.roomserver = roomserver
        self.users = users
        self.logger = logger
        recent = Recent(database: database, notifier: notifier, tellsPresence: config.tellsPresence)
        syncing = config.tellsPresence ? SyncingUsers(database: database, bus: bus, logger: logger) : nil
        filters = Filters(database: database)
        barrier = Barrier(roomserver: roomserver, users: users, database: database, notifier: notifier)
        sync = Sync(
            longestPoll: config.longestPoll, notifier: notifier, barrier: barrier, recent: recent, filters: filters, syncing: syncing,
            logger: logger)
        messages = Messages(barrier: barrier)
        relations = Relations(barrier: barrier)
        threads = Threads(barrier: barrier)
        search = Search(barrier: barrier)
        context = EventContext(barrier: barrier)
        timestamps = EventByTimestamp(barrier: barrier)
        initialSync = InitialSync(barrier: barrier, roomserver: roomserver, syncing: syncing)
        roomInitialSync = RoomInitialSync(barrier: barrier, roomserver: roomserver, tellsPresence: config.tellsPresence)
        eventStream = EventStream(longestPoll: config.longestPoll, barrier: barrier, notifier: notifier, syncing: syncing)
        try await database.migrate("syncapi", SyncMigrations.all)
    }

    /// The projector, on whichever replica holds its lease, and the wake-ups.
    public var services: [any Service] {
        let services: [any Service] = [
            ProjectorService(
                serverName: config.serverName, database: database, isAlone: config.isAlone, tellsPresence: config.tellsPresence,
                notifier: notifier, bus: bus, roomserver: roomserver, users: users, logger: logger),
            Wakeups(notifier: notifier, bus: bus, database: database, logger: logger),
        ]
        return services + (syncing.map { [$0] } ?? [])
    }
}
