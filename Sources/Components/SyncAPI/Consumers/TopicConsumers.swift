import Contracts
import Delivery
import Logging
import SQL
import Topics

/// Hands what the topics tell to the projector.
struct TopicConsumers: Sendable {
    let projector: Projector
    let bus: any Bus
    let database: Database
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let logger: Logger
    private let progress = SyncCursors()

    init(
        projector: Projector, bus: any Bus, database: Database, roomserver: any RoomserverAPI, users: any UserAPI,
        logger: Logger
    ) {
        self.projector = projector
        self.bus = bus
        self.database = database
        self.roomserver = roomserver
        self.users = users
        self.logger = logger
    }

    /// Listens until cancelled or until one of them fails.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await follow(.rooms(roomserver), as: .syncRoomEvents) { .room($0, $1, seq: $2) }
            }
            group.addTask {
                try await follow(.clientData(users), as: .syncClientData) { .clientData($0, $1, seq: $2) }
            }
            group.addTask { try await consume(.outputTypingEvent, as: .syncTyping) { .typing($0) } }
            group.addTask { try await consume(.outputReceiptEvent, as: .syncReceipts) { .receipt($0) } }
            group.addTask { try await consume(.outputPresenceEvent, as: .syncPresence) { .presence($0) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func follow<Message>(
        _ log: OwnersLog<Message>, as durable: Durable,
        _ projection: @escaping @Sendable (Message, OutboxKey, Int64) -> Projection
    ) async throws {
        let follower = LogFollower(
            log, cursors: progress.cursors, setAside: progress.setAside, database: database, logger: logger
        ) { try await projector.submit($0.map { projection($0.message, $0.key, $0.seq) }) }
        try await follower.follow(bus, as: durable)
    }

    private func consume<Message>(
        _ topic: Topic<Message>, as durable: Durable, _ projection: @escaping @Sendable (Message) -> Projection
    ) async throws {
        try await bus.consume(
            topic, as: durable, settingAside: progress.setAside, database: database, logger: logger
        ) { _ = try await projector.submit([projection($0.message)]) }
    }
}
