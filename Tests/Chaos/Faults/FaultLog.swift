import Synchronization

/// What was done to the cluster, and how long it took to recover.
final class FaultLog: Sendable {
    private struct State {
        var tally = Tally()
        var kills = 0
        var recoveries: [(fault: String, time: Duration)] = []
    }

    private let state = Mutex(State())
    /// Whether each is said as it happens.
    let isSpoken: Bool
    private let begun = ContinuousClock.now

    init(isSpoken: Bool) { self.isSpoken = isSpoken }

    func count(_ fault: String, kills: Int = 0) {
        state.withLock { state in
            state.tally.add(fault)
            state.kills += kills
        }
        tell(fault)
    }

    func recovered(from fault: String, in time: Duration) {
        state.withLock { $0.recoveries.append((fault, time)) }
        tell("recovered from \(fault) in \(time.text)")
    }

    /// Says what happens, to whoever wants to hear it.
    func tell(_ text: String) { if isSpoken { say("\((ContinuousClock.now - begun).text): \(text)") } }

    var kills: Int { state.withLock { $0.kills } }
    var tally: Tally { state.withLock { $0.tally } }

    /// Mean and maximum, of all and of each kind of fault.
    var recoveryText: [String] {
        let recoveries = state.withLock { $0.recoveries }
        let kinds = Dictionary(grouping: recoveries, by: \.fault).sorted { $0.key < $1.key }
        return ([("all", recoveries)] + kinds.map { ($0.key, $0.value) }).compactMap { name, times in
            guard let longest = times.map(\.time).max() else { return nil }
            let mean = times.map(\.time).reduce(.zero, +) / times.count
            return "\(name): \(times.count) times, mean \(mean.text), max \(longest.text)"
        }
    }
}
