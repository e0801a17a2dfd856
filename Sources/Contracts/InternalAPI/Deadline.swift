import Matrix

/// What became of an operation that had only so long.
private enum Outcome<Value: Sendable>: Sendable {
    case done(Value)
    case tooLate
}

/// Runs an operation, and cancels it when its time is up; the caller then gets ``MatrixError/tookTooLong``.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Outcome<Value>.self) { group in
        group.addTask { .done(try await operation()) }
        group.addTask {
            try await Task.sleep(for: limit)
            return .tooLate
        }
        defer { group.cancelAll() }
        switch try await group.next() {
        case .done(let value): return value
        case .tooLate, nil: throw MatrixError.tookTooLong
        }
    }
}

extension MatrixError {
    /// A call's deadline passed.
    static let tookTooLong = unknown("The server took too long", status: 504)
    /// No replica of a component could be reached.
    static let unreachable = unavailable("The server cannot do this at the moment")
    /// A call broke off, and what became of it is not known; or what came back makes no sense.
    static let lost = unknown(status: 502)
    /// What a caller is told of an error that is not for it.
    static let hidden = unknown()
}
