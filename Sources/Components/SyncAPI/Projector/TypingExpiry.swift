import Logging
import SQL

/// Ends what has been typed for long enough.
struct TypingExpiry {
    let projector: Projector
    let database: Database
    let logger: Logger

    /// Looks every half second while somebody types, until cancelled or until the projector no longer takes anything.
    func run() async throws {
        // Somebody may have typed before this replica had the lease.
        var mayBeTyped = true
        while true {
            try await Task.sleep(for: .milliseconds(500))
            if projector.takeTyped() { mayBeTyped = true }
            guard mayBeTyped else { continue }
            do {
                let isDue = try await database.read { try TypingTable.isAnyExpired(in: $0) }
                if isDue == true { _ = try await projector.submit([.typingExpiry]) }
                mayBeTyped = isDue != nil
            } catch let error as DatabaseUnavailable {
                logger.debug("typing is not ended yet", metadata: ["error": "\(error)"])
            }
        }
    }
}
