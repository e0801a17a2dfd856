import Delivery
import SQL
import Web

/// Writes the effects of messages with the moves of their cursors.
struct LogEffects<Message: Sendable>: Sendable {
    let cursors: Cursors
    let database: Database
    let effect: @Sendable (Message, Transaction) throws -> Void

    /// All in one transaction, or, where that fails, each batch in its own: it does not suffer for what is wrong with another.
    func apply(_ batches: [[LogMessage<Message>]]) async throws -> [Result<[Cursors.Step], any Error>] {
        do {
            var steps = try await write(batches.flatMap(\.self))[...]
            return batches.map { batch in
                defer { steps.removeFirst(batch.count) }
                return .success(Array(steps.prefix(batch.count)))
            }
        } catch where batches.count > 1 && !Patience.maySucceedLater(error) {
            var results: [Result<[Cursors.Step], any Error>] = []
            for batch in batches {
                do { results.append(.success(try await write(batch))) } catch { results.append(.failure(error)) }
            }
            return results
        }
    }

    private func write(_ messages: [LogMessage<Message>]) async throws -> [Cursors.Step] {
        try await database.transaction { tx in
            let steps = try cursors.advance(messages.map { (key: $0.key, seq: $0.seq) }, in: tx)
            for (one, step) in zip(messages, steps) where step == .apply {
                try RequestID.$current.withValue(one.requestID) { try effect(one.message, tx) }
            }
            return steps
        }
    }
}
