import Logging
import SQL

/// Forgets the rows of notifications that no count has any more: those that everybody in the room has read, and those that are
/// hidden from everybody who has not by more than is counted.
///
/// What is shown stays as it is: a receipt never moves back, and what a user is counted for begins where they joined.
struct NotificationPruning {
    let serverName: String
    let database: Database
    let logger: Logger

    private static let name = "notifications"
    /// Rows are left alone for so long at least, and at the most for twice as long.
    private static let interval = Duration.seconds(3600)
    private static let roomsAtOnce: Int64 = 50, threadsAtOnce: Int64 = 20, usersAtOnce: Int64 = 100

    /// Looks every hour, until cancelled.
    func run() async throws {
        while true {
            try await Task.sleep(for: Self.interval)
            do {
                try await pass()
            } catch let error where !(error is CancellationError) {
                logger.warning("notifications are not pruned", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Looks at the rooms in which anything happened since the pass before the last began, for rows from before the last.
    func pass() async throws {
        let (before, position) = try await database.read { tx in
            (try ProgressTable.progress(of: Self.name, in: tx), try SyncPosition().current(in: tx))
        }
        if let before {
            var last = before.position
            while last < position {
                let rooms = try await database.read { [last] tx in
                    try RoomsTable.touched(above: last, through: position, limit: Self.roomsAtOnce, in: tx)
                }
                for room in rooms { try await prune(room.roomID, through: before.through) }
                guard let end = rooms.last, rooms.count >= Self.roomsAtOnce else { break }
                last = end.position
            }
        }
        try await database.transaction { tx in
            let next = ProgressTable.Progress(position: before?.through ?? 0, through: position)
            try ProgressTable.set(next, of: Self.name, in: tx)
        }
    }

    /// Of one room, the rows up to a position.
    func prune(_ roomID: String, through old: Int64) async throws {
        for one in try await surplus(in: roomID, through: old) {
            try await repeatedly { try NotificationsTable.delete(one, in: roomID, $0) }
        }
        try await repeatedly { try NotificationsTable.deleteReadDifferences(in: roomID, through: old, $0) }
        var users: [String] = []
        repeat {
            users = try await database.read { [last = users.last ?? ""] in
                try NotificationsTable.usersWithMany(in: roomID, after: last, limit: Self.usersAtOnce, $0)
            }
            for userID in users {
                try await repeatedly { try NotificationsTable.deleteHiddenDifferences(of: userID, in: roomID, through: old, $0) }
            }
        } while users.count >= Self.usersAtOnce
    }

    private func surplus(in roomID: String, through old: Int64) async throws -> [NotificationsTable.Surplus] {
        let (reach, threads) = try await database.read { tx -> (NotificationsTable.Reach?, [String?]) in
            guard try NotificationsTable.hasAny(in: roomID, through: old, tx) else { return (nil, []) }
            return (
                NotificationsTable.reach(of: try NotificationsTable.newest(in: roomID, tx)),
                try NotificationsTable.threads(of: roomID, through: old, limit: Self.threadsAtOnce, in: tx)
            )
        }
        var found: [NotificationsTable.Surplus] = []
        for thread in threads {
            found += try await database.read { [serverName] tx in
                let read = try NotificationsTable.readByAll(of: roomID, thread: thread, reach: reach, on: serverName, in: tx)
                var found = [NotificationsTable.Surplus(thread: thread, through: min(read.everybody ?? .max, old))]
                if let reach {
                    let hidden = min(read.farReaders ?? .max, reach.position, old)
                    found.append(NotificationsTable.Surplus(thread: thread, sender: reach.sender, through: hidden))
                }
                return found.filter { $0.through > 0 }
            }
        }
        return found
    }

    /// Until there is no more to delete, each time in a transaction of its own.
    private func repeatedly(_ delete: @escaping @Sendable (Transaction) throws -> Bool) async throws {
        while try await database.transaction(delete) { try await Task.sleep(for: .milliseconds(50)) }
    }
}
