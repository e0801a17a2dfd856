import Matrix

/// Where an event stands among those that could come next: the sender's power, then age, then ID.
private struct PowerRank: Comparable {
    let power: PowerLevel
    let timestamp: Int64
    let id: String

    static func < (left: PowerRank, right: PowerRank) -> Bool {
        if left.power != right.power { return left.power > right.power }
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}

extension AuthGraph {
    /// Whether an event may take an ability from somebody.
    static func isPowerEvent(_ event: Event) -> Bool {
        switch event.type {
        case "m.room.power_levels", "m.room.join_rules": event.isState
        case "m.room.member":
            (event.membership == "leave" || event.membership == "ban")
                && event.stateKey.map { !$0.hasSameBytes(as: event.sender) } ?? false
        default: false
        }
    }

    /// The power events among `candidates`, with those of `candidates` that they rest on, each after what it rests on.
    /// [Reverse topological power ordering](https://spec.matrix.org/v1.19/rooms/v2/#definitions)
    mutating func powerOrdered(_ candidates: Set<String>) throws -> [Event] {
        try load(candidates)
        let powerEvents = try candidates.filter { try event($0).map(Self.isPowerEvent) ?? false }
        let chain = try chain(of: powerEvents)

        var parentsLeft: [String: Int] = [:]
        var children: [String: [String]] = [:]
        for id in chain {
            let parents = Set(parents(of: id))
            parentsLeft[id] = parents.count
            for parent in parents { children[parent, default: []].append(id) }
        }

        // What is not being sorted only carries the order between those that are: it goes as soon as it can.
        var passing = chain.filter { parentsLeft[$0] == 0 }
        var ready = Heap<PowerRank>()
        var ordered: [Event] = []
        while true {
            let done: String
            if let id = passing.popFirst() {
                if candidates.contains(id), let event = try event(id) {
                    ready.insert(try rank(event))
                    continue
                }
                done = id
            } else if let rank = ready.popSmallest() {
                if let event = try event(rank.id) { ordered.append(event) }
                done = rank.id
            } else {
                return ordered
            }
            for child in children[done] ?? [] {
                let left = (parentsLeft[child] ?? 0) - 1
                parentsLeft[child] = left
                if left == 0 { passing.insert(child) }
            }
        }
    }

    /// The sender's power as the event's own auth events give it.
    private mutating func rank(_ event: Event) throws -> PowerRank {
        let levels = PowerLevels(
            try authEvent("m.room.power_levels", of: event), create: try create(of: event), version: event.version
        )
        return PowerRank(power: levels.level(of: event.sender), timestamp: event.originServerTS, id: event.eventID)
    }
}
