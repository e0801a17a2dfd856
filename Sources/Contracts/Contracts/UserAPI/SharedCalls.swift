import Synchronization

/// Lets those who ask the same at the same time share one answer: the first asks, the others wait for it.
package final class SharedCalls<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Value, any Error>?, Never>

    /// Those who wait for each answer that is being asked for, by a number of their own.
    private let waiting = Mutex<(next: Int, waiters: [Key: [Int: Waiter]])>((0, [:]))

    package init() {}

    package func value(for key: Key, _ ask: @Sendable () async throws -> Value) async throws -> Value {
        while true {
            try Task.checkCancellation()
            let isFirst = waiting.withLock { state in
                guard state.waiters[key] == nil else { return false }
                state.waiters[key] = [:]
                return true
            }
            if isFirst { return try await answer(key, ask) }
            // Nothing: whoever asked gave up, so somebody else must.
            if let answer = await wait(for: key) { return try answer.get() }
        }
    }

    private func answer(_ key: Key, _ ask: @Sendable () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await ask()) } catch { result = .failure(error) }
        let waiters = waiting.withLock { $0.waiters.removeValue(forKey: key) } ?? [:]
        let shared = Task.isCancelled ? nil : result
        for waiter in waiters.values { waiter.resume(returning: shared) }
        return try result.get()
    }

    private func wait(for key: Key) async -> Result<Value, any Error>? {
        let number = waiting.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isWaiting = waiting.withLock { state in
                    guard !Task.isCancelled, state.waiters[key] != nil else { return false }
                    state.waiters[key]?[number] = waiter
                    return true
                }
                if !isWaiting { waiter.resume(returning: nil) }
            }
        } onCancel: {
            waiting.withLock { $0.waiters[key]?.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }
}
