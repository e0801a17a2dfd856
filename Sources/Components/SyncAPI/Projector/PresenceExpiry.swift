import Logging
import SQL

/// Lets those be idle, and then offline, of whom nothing is heard for long enough.
struct PresenceExpiry {
    let projector: Projector
    let database: Database
    let logger: Logger

    /// Looks every two seconds while somebody is there, until cancelled or until the projector no longer takes anything.
    func run() async throws {
        // Somebody may have been there before this replica had the lease.
        var mayBeThere = true
        while true {
            try await Task.sleep(for: .seconds(2))
            if projector.takePresent() { mayBeThere = true }
            guard mayBeThere else { continue }
            do {
                let (isDue, isGone) = try await database.read { tx in
                    let now = try tx.now
                    return (try PresenceTable.isAnyDue(at: now, in: tx), try PresenceSyncsTable.isAnyGone(at: now, in: tx))
                }
                if isDue == true || isGone == true { _ = try await projector.submit([.presenceExpiry]) }
                mayBeThere = isDue != nil || isGone != nil
            } catch let error as DatabaseUnavailable {
                logger.debug("nobody is idle yet", metadata: ["error": "\(error)"])
            }
        }
    }
}
