import Dispatch
import Foundation

/// A thread and its connection: it takes work from the pool for as long as there is any, and sleeps when there is none.
///
/// It holds no state of its own beside the semaphore; the connection never leaves the thread's stack.
final class PostgresWorker: Sendable {
    private let pool: PostgresPool
    private let semaphore = DispatchSemaphore(value: 0)

    init(_ pool: PostgresPool) { self.pool = pool }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "sql \(pool.options.name)"
        thread.stackSize = 4 << 20
        thread.start()
    }

    func wake() { semaphore.signal() }

    private func run() {
        let connection = pool.makeConnection()
        var backoff = Backoff(first: .milliseconds(50), limit: .seconds(2))
        while true {
            switch pool.order(for: self) {
            case .stop: return connection.close()
            case .sleep(let surplus):
                guard sleep(surplus: surplus) else { return connection.close() }
            case .work:
                do {
                    if connection.isTooOld { connection.close() }
                    if !connection.isOpen {
                        pool.connecting()
                        try connection.open()
                        pool.connected()
                    }
                    backoff.reset()
                    pool.take()?.run(connection)
                } catch {
                    pool.couldNotConnect("\((error as? PostgresFailure)?.error ?? error)")
                    Thread.sleep(forTimeInterval: backoff.next().timeInterval)
                }
            }
        }
    }

    /// Sleeps until there is work. False where there has been none for a while, and others are idle enough.
    private func sleep(surplus: Bool) -> Bool {
        guard surplus else {
            semaphore.wait()
            return true
        }
        guard semaphore.wait(timeout: .now() + 5) == .timedOut else { return true }
        if pool.retire(self) { return false }
        // Woken in that very moment, or no longer surplus.
        semaphore.wait()
        return true
    }
}
