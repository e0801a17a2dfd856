import Synchronization
import Topics

/// Parks requests until something happens to the rooms or the user that they wait for.
///
/// A signal that arrives between a request's look at the database and its parking is not lost: the last signals are kept,
/// and whoever parks with an older position than those reach back to is woken at once, to look again.
final class Notifier: Sendable {
    /// What a waiter waits for, and how far it has seen.
    struct Interest: Sendable {
        var userID: String
        var roomIDs: [String]
        var seen: Int64
    }

    private struct Waiter {
        var interest: Interest
        var deadline: ContinuousClock.Instant
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var next: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
        var byRoom: [String: Set<UInt64>] = [:]
        var byUser: [String: Set<UInt64>] = [:]
        var position: Int64 = 0
        /// The last signals, the oldest first; everything above `keptAbove` is among them.
        var recent: [PositionSignal] = []
        var keptAbove: Int64 = .max

        mutating func remove(_ id: UInt64) -> Waiter? {
            guard let waiter = waiters.removeValue(forKey: id) else { return nil }
            for room in waiter.interest.roomIDs { Self.drop(id, from: &byRoom, room) }
            Self.drop(id, from: &byUser, waiter.interest.userID)
            return waiter
        }

        mutating func removeAll() -> [Waiter] {
            defer { (waiters, byRoom, byUser) = ([:], [:], [:]) }
            return Array(waiters.values)
        }

        private static func drop(_ id: UInt64, from index: inout [String: Set<UInt64>], _ key: String) {
            index[key]?.remove(id)
            if index[key]?.isEmpty == true { index[key] = nil }
        }
    }

    private let state = Mutex(State())
    private static let kept = 512

    /// Waits until something happens that the interest names, or the deadline.
    func wait(_ interest: Interest, until deadline: ContinuousClock.Instant) async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let parked = state.withLock { state in
                    guard !Task.isCancelled, !hasMissed(interest, state) else { return false }
                    state.waiters[id] = Waiter(interest: interest, deadline: deadline, continuation: continuation)
                    for room in interest.roomIDs { state.byRoom[room, default: []].insert(id) }
                    state.byUser[interest.userID, default: []].insert(id)
                    return true
                }
                if !parked { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.remove(id) }?.continuation.resume()
        }
    }

    private func hasMissed(_ interest: Interest, _ state: State) -> Bool {
        if interest.seen >= state.position { return false }
        if interest.seen < state.keptAbove { return true }
        let rooms = Set(interest.roomIDs)
        return state.recent.contains { signal in
            signal.position > interest.seen
                && (signal.userIDs.contains(interest.userID) || signal.roomIDs.contains { rooms.contains($0) })
        }
    }

    /// Tells who waits for it; where signals before it were lost, everybody.
    func notify(_ signal: PositionSignal) {
        let woken = state.withLock { state -> [Waiter] in
            let isNext = signal.after <= state.position
            state.position = max(state.position, signal.position)
            if !isNext || state.keptAbove == .max {
                state.recent = []
                state.keptAbove = signal.after
            }
            state.recent.append(signal)
            if state.recent.count > Self.kept { state.keptAbove = max(state.recent.removeFirst().position, state.keptAbove) }
            guard isNext else { return state.removeAll() }
            var ids = Set<UInt64>()
            for room in signal.roomIDs { ids.formUnion(state.byRoom[room] ?? []) }
            for user in signal.userIDs { ids.formUnion(state.byUser[user] ?? []) }
            return ids.compactMap { state.remove($0) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// The position read from the database: if it is one that no signal told of, everybody looks again.
    func observe(position: Int64) {
        let woken = state.withLock { state -> [Waiter] in
            guard position > state.position else { return [] }
            state.position = position
            state.recent = []
            state.keptAbove = position
            return state.removeAll()
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Ends the waits that have lasted long enough.
    func expire(now: ContinuousClock.Instant = .now) {
        let woken = state.withLock { state in
            state.waiters.filter { $0.value.deadline <= now }.keys.compactMap { state.remove($0) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    var hasWaiters: Bool { state.withLock { !$0.waiters.isEmpty } }
}
