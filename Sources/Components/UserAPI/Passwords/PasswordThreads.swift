import Foundation
import Matrix

/// A few threads of their own for work that takes long and waits for nothing, so that it holds up neither requests nor
/// transactions. When too much waits, more is refused.
final class PasswordThreads: Sendable {
    private let queue: Queue

    init(threads: Int = 2, longestQueue: Int = 128) {
        let queue = Queue(limit: longestQueue)
        self.queue = queue
        for _ in 0..<threads {
            let thread = Thread { while let job = queue.next() { job() } }
            thread.name = "passwords"
            thread.start()
        }
    }

    deinit { queue.close() }

    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            let taken = queue.add { continuation.resume(with: Result { try work() }) }
            if !taken { continuation.resume(throwing: MatrixError.unavailable("Too many logins at once")) }
        }
    }

    /// What waits for a thread. Its mutable state is touched only while `condition` is locked.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var jobs: [@Sendable () -> Void] = []
        private var isClosed = false
        private let limit: Int

        init(limit: Int) { self.limit = limit }

        func add(_ job: @escaping @Sendable () -> Void) -> Bool {
            condition.lock()
            defer { condition.unlock() }
            guard jobs.count < limit, !isClosed else { return false }
            jobs.append(job)
            condition.signal()
            return true
        }

        /// Waits for a job; nothing when closed and empty.
        func next() -> (@Sendable () -> Void)? {
            condition.lock()
            defer { condition.unlock() }
            while jobs.isEmpty {
                if isClosed { return nil }
                condition.wait()
            }
            return jobs.removeFirst()
        }

        func close() {
            condition.lock()
            isClosed = true
            condition.broadcast()
            condition.unlock()
        }
    }
}
