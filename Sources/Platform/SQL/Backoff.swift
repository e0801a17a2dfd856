/// Pauses that double up to a limit, each drawn at random from its upper half, so that many do not come back at once.
struct Backoff {
    private var current: Duration
    private let first: Duration
    private let limit: Duration

    init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
        current = first
    }

    mutating func next() -> Duration {
        defer { current = min(current * 2, limit) }
        return current * Double.random(in: 0.5...1)
    }

    mutating func reset() { current = first }
}
