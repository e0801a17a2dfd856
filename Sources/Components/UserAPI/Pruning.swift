import Logging
import SQL
import ServiceLifecycle

/// Deletes authentication sessions, nonces and validations that are too old to be used. Any number of replicas may do so.
struct Pruning: Service {
    let database: Database
    let logger: Logger
    var interval: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Self.prune(database)
                } catch {
                    logger.warning("old authentication sessions are kept for now", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    static func prune(_ database: Database) async throws {
        try await database.transaction { tx in
            try AuthenticationTable.prune(in: tx)
            try NonceTable.prune(in: tx)
            try ValidationTable.prune(in: tx)
            try TokenTable.openID.prune(in: tx)
            try TokenTable.login.prune(in: tx)
        }
    }
}
