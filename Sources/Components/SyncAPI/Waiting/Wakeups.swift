import Logging
import Matrix
import ServiceLifecycle
import SQL
import Topics

/// Keeps the notifier of this replica told: by the signals of the projector, wherever it runs, and once a second by the
/// position in the database, for signals that were lost.
struct Wakeups: Service {
    let notifier: Notifier
    let bus: any Bus
    let database: Database
    let logger: Logger

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await hear() }
            group.addTask { await look() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        notifier.close()
    }

    private func hear() async {
        for await bytes in bus.signals(Signals.syncPosition) {
            guard let signal = try? JSONCoder.decode(PositionSignal.self, from: bytes) else { continue }
            notifier.notify(signal)
        }
    }

    private func look() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            guard notifier.hasWaiters else { continue }
            do {
                let position = try await database.query { try SyncPosition().current(in: $0) }
                guard position > notifier.position else { continue }
                // Its signal may be on its way; it wakes fewer.
                try await Task.sleep(for: .milliseconds(200))
                notifier.observe(position: position)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("cannot read the sync position", metadata: ["error": "\(error)"])
            }
        }
    }
}
