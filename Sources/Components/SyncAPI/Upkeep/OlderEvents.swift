import Delivery
import Logging
import Matrix
import SQL

/// Makes events findable by their relations and words that were stored by releases which kept neither. What of them notified whom
/// is not made up for: it would be what was unread then.
///
/// Whoever holds the projector's lease does so, a few at a time, each with its progress in one transaction that the lease's row
/// keeps apart from the projector's: what it redacts meanwhile is not found in its former shape.
struct OlderEvents {
    let lease: Lease
    let leases: Leases
    let database: Database
    let logger: Logger
    /// So many events are read in a transaction.
    var batch: Int64 = 200

    private static let name = "older events"

    /// Goes on where it was left, until all are done. Takes no more than half of the time.
    func run() async throws {
        while true {
            let clock = ContinuousClock(), began = clock.now
            do {
                guard try await step() else { return }
            } catch let error where !(error is LeaseLost || error is CancellationError) {
                logger.warning("older events cannot be read", metadata: ["error": "\(error)"])
                try await Task.sleep(for: .seconds(30))
            }
            try await Task.sleep(for: clock.now - began)
        }
    }

    /// Takes in the next few. Returns whether there are more.
    func step() async throws -> Bool {
        let isDone = try await database.read { try ProgressTable.progress(of: Self.name, in: $0)?.isDone ?? false }
        if isDone { return false }
        return try await database.transaction { [lease, leases, batch] tx in
            let position = try leases.advance(lease, in: tx)
            // What comes from now on, the projector takes in.
            var progress = try ProgressTable.progress(of: Self.name, in: tx) ?? ProgressTable.Progress(position: 0, through: position)
            let events = try EventsTable.all(above: progress.position, through: progress.through, limit: batch, in: tx)
            var index = EventIndex()
            for stored in events {
                guard let version = RoomVersion(rawValue: stored.roomVersion),
                    let event = try? Event(parsing: stored.pdu, version: version, eventID: stored.eventID)
                else { continue }
                index.add(event, room: stored.roomID, position: stored.position)
            }
            try index.keepNew(in: tx)
            try index.write(in: tx)
            progress.position = events.count < batch ? progress.through : events.last?.position ?? progress.through
            try ProgressTable.set(progress, of: Self.name, in: tx)
            return !progress.isDone
        }
    }
}
