import Synchronization
import Topics
import Web

/// Parks requests until something happens to the rooms or the user that they wait for.
///
/// A signal that arrives between a request's look at the database and its parking is not lost: the last signals are kept,
/// and whoever parks with an older position than those reach back to is woken at once, to look again.
final class Notifier: Sendable {
    /// What a waiter waits for, and how far it has seen.
    struct Interest: Sendable {
        var userID: String
        var roomIDs: Set<String>
        var seen: Int64
    }

    /// What signals told of: the rooms and users that were touched, up to a position.
    struct News: Sendable, Equatable {
        var roomIDs: Set<String> = []
        var userIDs: Set<String> = []
        var position: Int64
    }

    /// Why a wait is over.
    enum Wake: Sendable, Equatable {
        /// There may be: look again.
        case somethingNew
        case tooLate
        /// The user has newer requests, as many as may wait.
        case displaced
        case cancelled
    }

    /// How many requests of one user may wait; one more ends the oldest.
    static let longestQueue = 50
    private static let keptSignals = 512
    private let state: Mutex<WaitingRequests>

    init(longestQueue: Int = Notifier.longestQueue) {
        state = Mutex(WaitingRequests(longestQueue: longestQueue, keptSignals: Self.keptSignals))
    }

    /// Waits until something happens that the interest names, or the deadline.
    func wait(_ interest: Interest, until deadline: ContinuousClock.Instant) async -> Wake {
        let id = state.withLock { $0.nextID() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (wake, displaced, due) = state.withLock {
                    state -> (Wake?, WaitingRequests.Waiter?, ContinuousClock.Instant?) in
                    if Task.isCancelled || state.isClosed { return (.cancelled, nil, nil) }
                    if state.hasMissed(interest) { return (.somethingNew, nil, nil) }
                    let (displaced, unwatched) = state.park(id, interest, until: deadline, continuation)
                    return (nil, displaced, unwatched)
                }
                if let wake { continuation.resume(returning: wake) }
                displaced?.continuation.resume(returning: .displaced)
                if let due { watch(due) }
            }
        } onCancel: {
            state.withLock { $0.remove(id) }?.continuation.resume(returning: .cancelled)
        }
    }

    /// Tells who waits for it; where signals before it were lost, everybody.
    func notify(_ signal: PositionSignal) {
        for waiter in state.withLock({ $0.take(signal) }) { waiter.continuation.resume(returning: .somethingNew) }
    }

    /// The position read from the database: if it is one that no signal told of, everybody looks again.
    func observe(position: Int64) {
        for waiter in state.withLock({ $0.take(position: position) }) { waiter.continuation.resume(returning: .somethingNew) }
    }

    /// Looks, at a time when somebody's is up, who that is.
    private func watch(_ due: ContinuousClock.Instant) {
        _ = Deadlines.shared.add(after: due - .now) { [weak self] in self?.expire() }
    }

    /// Ends the waits that have lasted long enough.
    private func expire() {
        for waiter in state.withLock({ $0.takeExpired(.now) }) { waiter.continuation.resume(returning: .tooLate) }
    }

    /// Ends every wait, and every one to come: nothing will be told any more.
    func close() {
        for waiter in state.withLock({ $0.close() }) { waiter.continuation.resume(returning: .cancelled) }
    }

    /// All that happened above a position, as far as it was heard. Nil where signals are missing.
    func news(above position: Int64) -> News? { state.withLock { $0.news(above: position) } }

    var hasWaiters: Bool { state.withLock { !$0.isEmpty } }
    var waiting: Int { state.withLock { $0.count } }
    /// The last position that was heard of.
    var position: Int64 { state.withLock { $0.position } }
}
