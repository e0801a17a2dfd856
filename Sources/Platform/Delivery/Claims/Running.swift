import Synchronization

/// How many pieces are being worked on.
final class Running: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func started() { value.add(1, ordering: .relaxed) }
    func ended() { value.subtract(1, ordering: .relaxed) }
}
