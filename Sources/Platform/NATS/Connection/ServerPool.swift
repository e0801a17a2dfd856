/// The servers that may be tried, configured and learnt, and when the next try is due.
struct ServerPool: Sendable {
    private struct Entry {
        var address: ServerAddress
        var isLearnt: Bool
    }

    /// A cluster with more servers than this is known in part.
    private static let maxServers = 64

    private var entries: [Entry]
    private var turn = 0
    /// Tries since we were last connected.
    private(set) var failures = 0
    private let backoff: Backoff

    init(_ servers: [ServerAddress], backoff: Backoff) {
        entries = servers.map { Entry(address: $0, isLearnt: false) }
        self.backoff = backoff
    }

    var addresses: [ServerAddress] { entries.map(\.address) }

    /// Whether every server has been tried since we were last connected.
    var triedAll: Bool { failures >= entries.count }

    /// The server whose turn it is.
    mutating func next() -> ServerAddress? {
        guard !entries.isEmpty else { return nil }
        turn %= entries.count
        defer { turn += 1 }
        return entries[turn].address
    }

    /// How long to wait before the next try: not at all while others are untried, then longer round by round.
    func delay(jitter: Double) -> Duration {
        guard failures > 0 else { return entries.count > 1 ? .zero : backoff.first * jitter }
        guard failures % max(1, entries.count) == 0 else { return .zero }
        return backoff.delay(round: failures / max(1, entries.count), jitter: jitter)
    }

    mutating func failed() { failures += 1 }
    mutating func succeeded() { failures = 0 }

    /// Takes in what a server says of its cluster; what it no longer names is forgotten unless it was configured.
    mutating func learn(_ urls: [String], from current: ServerAddress) {
        guard !urls.isEmpty else { return }
        let named = urls.compactMap { url -> ServerAddress? in
            guard var address = try? ServerAddress(url) else { return nil }
            address.tls = current.tls
            address.user = current.user
            address.password = current.password
            return address
        }
        entries.removeAll { entry in
            entry.isLearnt && !entry.address.isSamePlace(as: current) && !named.contains { $0.isSamePlace(as: entry.address) }
        }
        for address in named where entries.count < Self.maxServers {
            guard !entries.contains(where: { $0.address.isSamePlace(as: address) }) else { continue }
            entries.append(Entry(address: address, isLearnt: true))
        }
    }
}

/// Delays that double up to a bound, spread so that many clients do not come back at once.
public struct Backoff: Sendable, Hashable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration = .milliseconds(100), longest: Duration = .seconds(4)) {
        self.first = first
        self.longest = longest
    }

    /// The delay of a round counted from 1; `jitter` is between 0 and 1.
    public func delay(round: Int, jitter: Double) -> Duration {
        let doublings = min(max(round - 1, 0), 16)
        return min(first * (1 << doublings), longest) * (0.5 + jitter / 2)
    }
}
