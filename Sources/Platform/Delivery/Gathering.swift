import Synchronization

/// Has done together what comes while something is under way: a commit costs the same for one as for a hundred, and when
/// there is nothing under way nobody waits.
///
/// Whoever comes first leads: it has its own item done with all that wait, answers them, and hands the lead to the next. So no
/// task outlives its request.
public final class Gathering<Item: Sendable, Outcome: Sendable>: Sendable {
    /// What became of each item, in their order; where it throws, that became of all.
    public typealias Perform = @Sendable ([Item]) async throws -> [Result<Outcome, any Error>]

    private enum Turn {
        case lead
        case done(Outcome)
    }

    private struct Waiter {
        let id: Int
        let item: Item
        let turn: CheckedContinuation<Turn, any Error>
    }

    private struct State {
        var waiting: [Waiter] = []
        var leaders = 0
        var lastID = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let width: Int
    private let perform: Perform

    /// At most `limit` items are done together, and at most `width` such groups are under way.
    public init(limit: Int, width: Int = 1, perform: @escaping Perform) {
        self.limit = limit
        self.width = width
        self.perform = perform
    }

    /// Has an item done with others. Who is cancelled while it waits is done with; what has begun is not given up.
    public func submit(_ item: Item) async throws -> Outcome {
        var others: [Waiter] = []
        if beginsToLead() {
            others = take(limit - 1)
        } else {
            switch try await turn(item) {
            case .done(let outcome): return outcome
            case .lead: others = take(limit - 1)
            }
        }
        defer { passLead() }
        let items = [item] + others.map(\.item), perform = perform
        let results: [Result<Outcome, any Error>]
        do {
            // Not in our own task: its cancellation is not that of the others it is done with.
            results = try await Task { try await perform(items) }.value
        } catch {
            for waiter in others { waiter.turn.resume(throwing: error) }
            throw error
        }
        for (waiter, result) in zip(others, results.dropFirst()) { waiter.turn.resume(with: result.map(Turn.done)) }
        guard let own = results.first, results.count == items.count else { preconditionFailure("each item has a result") }
        return try own.get()
    }

    /// How many wait.
    public var waiting: Int { state.withLock { $0.waiting.count } }

    private func beginsToLead() -> Bool {
        state.withLock { state in
            guard state.leaders < width else { return false }
            state.leaders += 1
            return true
        }
    }

    private func turn(_ item: Item) async throws -> Turn {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { turn in
                let now: Result<Turn, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.leaders >= width else {
                        state.leaders += 1
                        return .success(.lead)
                    }
                    state.waiting.append(Waiter(id: id, item: item, turn: turn))
                    return nil
                }
                if let now { turn.resume(with: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiting.remove(at: index)
            }
            waiter?.turn.resume(throwing: CancellationError())
        }
    }

    private func take(_ count: Int) -> [Waiter] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(taken.count)
            return taken
        }
    }

    private func passLead() {
        let next = state.withLock { state -> Waiter? in
            if state.waiting.isEmpty {
                state.leaders -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.turn.resume(returning: .lead)
    }
}
