import Contracts
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

    /// Listens until cancelled or until one of them fails.
    func run() async throws {
        let cursors = SyncCursors().cursors
        let rooms = LogFollower(.rooms(roomserver), cursors: cursors, database: database, logger: logger) { message, key, seq in
            try await projector.submit(.room(message, key, seq: seq))
        }
        let clientData = LogFollower(.clientData(users), cursors: cursors, database: database, logger: logger) { message, key, seq in
            try await projector.submit(.clientData(message, key, seq: seq))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rooms.follow(bus, as: .syncRoomEvents) }
            group.addTask { try await clientData.follow(bus, as: .syncClientData) }
            group.addTask {
                try await bus.consume(.outputTypingEvent, as: .syncTyping) { _ = try await projector.submit(.typing($0.message)) }
            }
            group.addTask {
                try await bus.consume(.outputReceiptEvent, as: .syncReceipts) {
                    _ = try await projector.submit(.receipt($0.message))
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
