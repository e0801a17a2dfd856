import Matrix
import Synchronization

/// Gives the requests for each room an order, and takes together those that wait.
///
/// Whoever comes first leads: does its own request with all that wait, answers them, and hands the lead to the next. So
/// a room has one writer in this process, a busy room has large batches, and no task outlives its request.
final class RoomQueue: Sendable {
    /// What became of each request, in their order.
    typealias Process = @Sendable ([RoomRequest]) async throws -> [Result<RoomReply, any Error>]

    private enum Turn { case lead, done(RoomReply) }

    private struct Waiter {
        let id: Int
        let request: RoomRequest
        let turn: CheckedContinuation<Turn, any Error>
    }

    private struct State {
        /// The rooms that somebody leads, and who waits there.
        var rooms: [String: [Waiter]] = [:]
        var lastID = 0
    }

    private let state = Mutex(State())
    private let batchLimit: Int
    private let queueLimit: Int

    /// At most `batchLimit` requests are done together, and at most `queueLimit` wait for a room: more are refused.
    init(batchLimit: Int = 64, queueLimit: Int = 2000) {
        self.batchLimit = batchLimit
        self.queueLimit = queueLimit
    }

    func submit(_ request: RoomRequest, to room: String, _ process: Process) async throws -> RoomReply {
        if !beginsToLead(room), case .done(let reply) = try await turn(request, room) { return reply }
        let others = takeWaiting(room)
        let results: [Result<RoomReply, any Error>]
        do {
            results = try await process([request] + others.map(\.request))
        } catch let error as CancellationError {
            // Only this request was given up, before anything was done.
            putBack(others, room)
            passLead(of: room)
            throw error
        } catch {
            for waiter in others { waiter.turn.resume(throwing: error) }
            passLead(of: room)
            throw error
        }
        for (waiter, result) in zip(others, results.dropFirst()) { waiter.turn.resume(with: result.map(Turn.done)) }
        passLead(of: room)
        guard let own = results.first else { throw MatrixError.unknown() }
        return try own.get()
    }

    /// How many wait for a room.
    func waiting(for room: String) -> Int { state.withLock { $0.rooms[room]?.count ?? 0 } }

    private func beginsToLead(_ room: String) -> Bool {
        state.withLock { state in
            guard state.rooms[room] == nil else { return false }
            state.rooms[room] = []
            return true
        }
    }

    /// Waits to be answered by who leads, or to lead.
    private func turn(_ request: RoomRequest, _ room: String) async throws -> Turn {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { turn in
                let now: Result<Turn, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard let waiting = state.rooms[room]?.count else {
                        state.rooms[room] = []
                        return .success(.lead)
                    }
                    if waiting >= queueLimit { return .failure(MatrixError.limitExceeded(retryAfterMS: 1000)) }
                    state.rooms[room]?.append(Waiter(id: id, request: request, turn: turn))
                    return nil
                }
                if let now { turn.resume(with: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.rooms[room]?.firstIndex(where: { $0.id == id }) else { return nil }
                return state.rooms[room]?.remove(at: index)
            }
            waiter?.turn.resume(throwing: CancellationError())
        }
    }

    private func takeWaiting(_ room: String) -> [Waiter] {
        state.withLock { state in
            let taken = Array(state.rooms[room]?.prefix(batchLimit - 1) ?? [])
            state.rooms[room]?.removeFirst(taken.count)
            return taken
        }
    }

    private func putBack(_ waiters: [Waiter], _ room: String) {
        state.withLock { $0.rooms[room]?.insert(contentsOf: waiters, at: 0) }
    }

    private func passLead(of room: String) {
        let next = state.withLock { state -> Waiter? in
            if state.rooms[room]?.isEmpty ?? true {
                state.rooms[room] = nil
                return nil
            }
            return state.rooms[room]?.removeFirst()
        }
        next?.turn.resume(returning: .lead)
    }
}
