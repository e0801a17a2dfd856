import Matrix
import Synchronization

/// How many requests each user has open: one who has many gets no more until some are answered, and the others notice nothing.
final class OpenRequests: Sendable {
    private let most: Int
    private let open = Mutex<[String: Int]>([:])

    init(most: Int) { self.most = most }

    /// Errors: `M_LIMIT_EXCEEDED` where the user has as many open as one may have.
    func begin(_ userID: String) throws {
        let isOne = open.withLock { open in
            guard open[userID, default: 0] < most else { return false }
            open[userID, default: 0] += 1
            return true
        }
        if !isOne { throw MatrixError.limitExceeded(retryAfterMS: 1000) }
    }

    func end(_ userID: String) {
        open.withLock { open in
            guard let count = open[userID] else { return }
            open[userID] = count > 1 ? count - 1 : nil
        }
    }

    /// How many users have any.
    var users: Int { open.withLock { $0.count } }
}
