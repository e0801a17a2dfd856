import GRDB
import Synchronization

/// A write that waits for the one writer.
struct PendingWrite: Sendable {
    /// Its turn has come; false where it was given up.
    var begin: @Sendable () -> Bool
    /// Runs it; what is returned answers it, once it is committed.
    var run: @Sendable (GRDB.Database) throws -> @Sendable () -> Void
    var fail: @Sendable (any Error) -> Void
}

/// Commits together what came while the last commit was on its way to the disk: each write in a savepoint of its own, undone
/// alone where it fails, and answered when the disk has them all.
final class SQLiteWrites: Sendable {
    private struct State {
        var waiting = FIFO<PendingWrite>()
        var isScheduled = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())
    private let limit = 64

    init(pool: DatabasePool) { self.pool = pool }

    func submit(_ write: PendingWrite) {
        let schedules = state.withLock { state in
            state.waiting.append(write)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedules { schedule() }
    }

    private func schedule() {
        pool.asyncWriteWithoutTransaction { database in
            self.commit(self.take(), database)
            let again = self.state.withLock { state in
                state.isScheduled = !state.waiting.isEmpty
                return state.isScheduled
            }
            if again { self.schedule() }
        }
    }

    private func take() -> [PendingWrite] {
        state.withLock { state in
            var taken: [PendingWrite] = []
            while taken.count < limit, let write = state.waiting.popFirst() {
                if write.begin() { taken.append(write) }
            }
            return taken
        }
    }

    private func commit(_ writes: [PendingWrite], _ database: GRDB.Database) {
        guard !writes.isEmpty else { return }
        var undecided = writes[...]
        var done: [(write: PendingWrite, answer: @Sendable () -> Void)] = []
        do {
            try database.beginTransaction(.immediate)
            while let write = undecided.first {
                // A failure here is this write's alone, unless SQLite has undone the whole transaction.
                do {
                    done.append((write, try run(write, database)))
                } catch where database.isInsideTransaction {
                    write.fail(error)
                }
                undecided.removeFirst()
            }
            try database.commit()
        } catch {
            // Nothing to undo where SQLite has done so itself.
            try? database.rollback()
            for write in done.map(\.write) + undecided { write.fail(error) }
            return
        }
        for (_, answer) in done { answer() }
    }

    private func run(_ write: PendingWrite, _ database: GRDB.Database) throws -> @Sendable () -> Void {
        try database.cachedStatement(sql: "SAVEPOINT one_write").execute()
        do {
            let answer = try write.run(database)
            try database.cachedStatement(sql: "RELEASE one_write").execute()
            return answer
        } catch {
            guard database.isInsideTransaction else { throw error }
            try database.cachedStatement(sql: "ROLLBACK TO one_write").execute()
            try database.cachedStatement(sql: "RELEASE one_write").execute()
            throw error
        }
    }
}
