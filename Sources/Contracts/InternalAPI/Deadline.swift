import Matrix
import Synchronization
import Web

/// Runs an operation, and cancels it when its time is up; the caller then gets ``MatrixError/tookTooLong``.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let isLate = LateMark()
    let work = Task { try await operation() }
    let deadline = Deadlines.shared.add(after: limit) {
        isLate.set()
        work.cancel()
    }
    defer { Deadlines.shared.remove(deadline) }
    let result = await withTaskCancellationHandler { await work.result } onCancel: { work.cancel() }
    guard !isLate.isSet else { throw MatrixError.tookTooLong }
    return try result.get()
}

/// Whether a deadline has passed.
private final class LateMark: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
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
