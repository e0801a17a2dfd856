import Logging
import SQL
import ServiceLifecycle

/// Lets go of what is too old to be asked for: answers to requests, and keys of creations.
struct Pruning: Service {
    let storage: Storage
    let retention: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await prune()
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("could not prune the rooms' tables", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    func prune() async throws {
        let age = retention.milliseconds, limit = 1000
        for prune in [TransactionTable.prune, CreationTable.prune] {
            while try await storage.write({ try prune(age, limit, $0) }) == limit {}
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
