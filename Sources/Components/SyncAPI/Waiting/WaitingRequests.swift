import Topics

/// The requests that wait, findable by what they wait for, and the signals that came last.
struct WaitingRequests: ~Copyable {
    struct Waiter: Sendable {
        var interest: Notifier.Interest
        /// When it ends, in steps of a tenth of a second.
        var tick: Int64
        var continuation: CheckedContinuation<Notifier.Wake, Never>
    }

    private(set) var position: Int64 = 0
    private(set) var isClosed = false
    private var lastID: UInt64 = 0
    private var waiters: [UInt64: Waiter] = [:]
    private var byRoom: [String: Set<UInt64>] = [:]
    private var byUser: [String: Set<UInt64>] = [:]
    private var byTick: [Int64: Set<UInt64>] = [:]
    /// The steps at whose time somebody will look for those whose time is up.
    private var watchedTicks: Set<Int64> = []
    /// Those of users in more rooms than are worth listing: every signal wakes them.
    private var widelyInterested: Set<UInt64> = []
    /// The last signals, the oldest first; everything above `keptAbove` is among them.
    private var recent: [PositionSignal] = []
    private var keptAbove: Int64 = .max
    private let start = ContinuousClock.now
    private let longestQueue: Int
    private let keptSignals: Int
    private static let mostRooms = 10_000

    init(longestQueue: Int, keptSignals: Int) {
        self.longestQueue = longestQueue
        self.keptSignals = keptSignals
    }

    var isEmpty: Bool { waiters.isEmpty }
    var count: Int { waiters.count }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Whether something happened between what was seen and now.
    func hasMissed(_ interest: Notifier.Interest) -> Bool {
        if interest.seen >= position { return false }
        if interest.seen < keptAbove || interest.roomIDs.count > Self.mostRooms { return true }
        return recent.contains { signal in
            signal.position > interest.seen
                && (signal.userIDs.contains(interest.userID) || signal.roomIDs.contains { interest.roomIDs.contains($0) })
        }
    }

    /// What the signals above a position told of; nil where some are missing.
    func news(above seen: Int64) -> Notifier.News? {
        guard seen >= keptAbove else { return nil }
        return recent.reduce(into: Notifier.News(position: position)) { news, signal in
            guard signal.position > seen else { return }
            news.roomIDs.formUnion(signal.roomIDs)
            news.userIDs.formUnion(signal.userIDs)
        }
    }

    /// Lets a request wait. Returns the one that has to go for it, and when its time is up, if nobody will look then yet.
    mutating func park(
        _ id: UInt64, _ interest: Notifier.Interest, until deadline: ContinuousClock.Instant,
        _ continuation: CheckedContinuation<Notifier.Wake, Never>
    ) -> (displaced: Waiter?, unwatched: ContinuousClock.Instant?) {
        // Rounded up: nobody is told too early that the time is up.
        let tick = self.tick(of: deadline) + 1
        waiters[id] = Waiter(interest: interest, tick: tick, continuation: continuation)
        if interest.roomIDs.count > Self.mostRooms {
            widelyInterested.insert(id)
        } else {
            for room in interest.roomIDs { byRoom[room, default: []].insert(id) }
        }
        byTick[tick, default: []].insert(id)
        byUser[interest.userID, default: []].insert(id)
        let unwatched = watchedTicks.insert(tick).inserted ? start + .milliseconds(100) * tick : nil
        guard let queue = byUser[interest.userID], queue.count > longestQueue, let oldest = queue.min() else {
            return (nil, unwatched)
        }
        return (remove(oldest), unwatched)
    }

    mutating func remove(_ id: UInt64) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        if widelyInterested.remove(id) == nil {
            for room in waiter.interest.roomIDs { Self.drop(id, from: &byRoom, room) }
        }
        Self.drop(id, from: &byTick, waiter.tick)
        Self.drop(id, from: &byUser, waiter.interest.userID)
        return waiter
    }

    /// Those whom a signal wakes. One that was heard before, or is covered by what was read, wakes nobody again.
    mutating func take(_ signal: PositionSignal) -> [Waiter] {
        guard signal.position > position else { return [] }
        let isNext = signal.after <= position
        position = signal.position
        if !isNext || keptAbove == .max {
            recent = []
            keptAbove = signal.after
        }
        recent.append(signal)
        if recent.count > keptSignals { keptAbove = max(recent.removeFirst().position, keptAbove) }
        guard isNext else { return removeAll(behind: signal.position) }
        var ids = widelyInterested
        for room in signal.roomIDs { ids.formUnion(byRoom[room] ?? []) }
        for user in signal.userIDs { ids.formUnion(byUser[user] ?? []) }
        return remove(ids, behind: signal.position)
    }

    mutating func take(position: Int64) -> [Waiter] {
        guard position > self.position else { return [] }
        self.position = position
        recent = []
        keptAbove = position
        return removeAll(behind: position)
    }

    mutating func takeExpired(_ now: ContinuousClock.Instant) -> [Waiter] {
        let tick = tick(of: now)
        watchedTicks = watchedTicks.filter { $0 > tick }
        var expired: [Waiter] = []
        for due in byTick.keys.filter({ $0 <= tick }) {
            for id in byTick[due] ?? [] {
                if let waiter = remove(id) { expired.append(waiter) }
            }
        }
        return expired
    }

    mutating func close() -> [Waiter] {
        isClosed = true
        return removeAll(behind: .max)
    }

    private mutating func removeAll(behind position: Int64) -> [Waiter] { remove(Set(waiters.keys), behind: position) }

    /// Whoever parked with a newer look at the database than this has seen it.
    private mutating func remove(_ ids: Set<UInt64>, behind position: Int64) -> [Waiter] {
        var removed: [Waiter] = []
        for id in ids where (waiters[id]?.interest.seen ?? position) < position {
            if let waiter = remove(id) { removed.append(waiter) }
        }
        return removed
    }

    private func tick(of instant: ContinuousClock.Instant) -> Int64 {
        let passed = (instant - start).components
        let (seconds, overflow) = passed.seconds.multipliedReportingOverflow(by: 10)
        return overflow ? Int64.max - 1 : seconds + passed.attoseconds / 100_000_000_000_000_000
    }

    private static func drop<Key>(_ id: UInt64, from index: inout [Key: Set<UInt64>], _ key: Key) {
        index[key]?.remove(id)
        if index[key]?.isEmpty == true { index[key] = nil }
    }
}
