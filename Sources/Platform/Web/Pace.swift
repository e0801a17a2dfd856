/// How slowly a body may come or go: within a time, which grows with what has gone.
struct Pace: Sendable {
    let grace: Duration
    let bytesPerSecond: Int
    private let begun = ContinuousClock.now

    init(grace: Duration, bytesPerSecond: Int) {
        self.grace = grace
        self.bytesPerSecond = max(1, bytesPerSecond)
    }

    /// Whether so many bytes in all are too few by now.
    func isTooSlow(_ bytes: Int) -> Bool { ContinuousClock.now > begun + limit(bytes) }

    /// How long so many bytes may take.
    func limit(_ bytes: Int) -> Duration { grace + .seconds(bytes / bytesPerSecond) }
}
