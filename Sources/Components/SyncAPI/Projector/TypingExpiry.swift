import Logging
import SQL

/// Ends what has been typed for long enough.
struct TypingExpiry {
    let projector: Projector
    let database: Database
    let logger: Logger

    /// Looks every half second, until cancelled or until the projector no longer takes anything.
    func run() async throws {
        while true {
            try await Task.sleep(for: .milliseconds(500))
            do {
                if try await isDue() { _ = try await projector.submit([.typingExpiry]) }
            } catch let error as DatabaseUnavailable {
                logger.debug("typing is not ended yet", metadata: ["error": "\(error)"])
            }
        }
    }

    private func isDue() async throws -> Bool {
        try await database.read { tx in
            guard let next = try TypingTable.nextExpiry(in: tx) else { return false }
            return next <= (try tx.now)
        }
    }
}
