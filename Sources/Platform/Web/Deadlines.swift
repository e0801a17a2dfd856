import Synchronization

/// Calls back what has waited too long, with one sleeping task for all that wait.
///
/// Nearly everything that is added is removed again before its time, so nothing is scheduled or cancelled one by one.
public final class Deadlines: Sendable {
    private struct State {
        var entries: [UInt64: (due: ContinuousClock.Instant, fire: @Sendable () -> Void)] = [:]
        var lastID: UInt64 = 0
        var scheduled: ContinuousClock.Instant?
    }

    /// The process's.
    public static let shared = Deadlines()

    private let state = Mutex(State())

    /// Calls `fire` once that time has passed, unless removed before.
    public func add(after limit: Duration, fire: @escaping @Sendable () -> Void) -> UInt64 {
        let due = ContinuousClock.now + limit
        let (id, mustSchedule) = state.withLock { state in
            state.lastID += 1
            state.entries[state.lastID] = (due, fire)
            guard state.scheduled.map({ due < $0 }) ?? true else { return (state.lastID, false) }
            state.scheduled = due
            return (state.lastID, true)
        }
        if mustSchedule { schedule(due) }
        return id
    }

    public func remove(_ id: UInt64) {
        state.withLock { _ = $0.entries.removeValue(forKey: id) }
    }

    private func schedule(_ due: ContinuousClock.Instant) {
        // Detached: it belongs to nobody's request.
        Task.detached {
            try? await Task.sleep(until: due, tolerance: .milliseconds(1))
            self.sweep(due)
        }
    }

    private func sweep(_ due: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        let (fires, next) = state.withLock { state -> ([@Sendable () -> Void], ContinuousClock.Instant?) in
            guard state.scheduled == due else { return ([], nil) }
            let late = state.entries.filter { $0.value.due <= now }
            for id in late.keys { state.entries[id] = nil }
            state.scheduled = state.entries.values.map(\.due).min()
            return (late.values.map(\.fire), state.scheduled)
        }
        if let next { schedule(next) }
        for fire in fires { fire() }
    }
}
