import NIOCore
import Synchronization

/// Calls back what has waited too long, with one timer for all that wait.
///
/// Nearly everything that is added is removed again before its time, so nothing is scheduled or cancelled one by one.
final class Deadlines: Sendable {
    private struct State {
        var entries: [UInt64: (due: NIODeadline, fire: @Sendable () -> Void)] = [:]
        var nextID: UInt64 = 0
        var scheduled: NIODeadline?
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(loop: any EventLoop) { self.loop = loop }

    /// Calls `fire` on the event loop at `due`, unless removed before.
    func add(_ due: NIODeadline, fire: @escaping @Sendable () -> Void) -> UInt64 {
        let (id, mustSchedule) = state.withLock { state in
            state.nextID += 1
            state.entries[state.nextID] = (due, fire)
            guard state.scheduled.map({ due < $0 }) ?? true else { return (state.nextID, false) }
            state.scheduled = due
            return (state.nextID, true)
        }
        if mustSchedule { schedule(due) }
        return id
    }

    func remove(_ id: UInt64) {
        state.withLock { _ = $0.entries.removeValue(forKey: id) }
    }

    private func schedule(_ due: NIODeadline) {
        loop.scheduleTask(deadline: due) { self.sweep(due) }
    }

    private func sweep(_ due: NIODeadline) {
        let now = NIODeadline.now()
        let (fires, next) = state.withLock { state -> ([@Sendable () -> Void], NIODeadline?) in
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
