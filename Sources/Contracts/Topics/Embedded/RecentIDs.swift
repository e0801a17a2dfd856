/// The message IDs that a topic was given lately.
struct RecentIDs {
    private static let limit = 50_000
    private static let window: Int64 = 120_000

    private var seen: Set<String> = []
    private var order: [(id: String, time: Int64)] = []
    private var head = 0

    func contains(_ id: String) -> Bool { seen.contains(id) }

    mutating func insert(_ id: String, at now: Int64) {
        guard seen.insert(id).inserted else { return }
        order.append((id, now))
        while head < order.count, order.count - head > Self.limit || order[head].time < now - Self.window {
            seen.remove(order[head].id)
            head += 1
        }
        if head > 1_024, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }

    mutating func remove(_ id: String) {
        seen.remove(id)
    }
}
