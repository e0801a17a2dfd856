/// Some states taken apart: what they agree on, and what they don't.
struct StateConflicts {
    private(set) var agreed: StateMap = [:]
    /// The different events at each place where the states differ, each once.
    private(set) var conflicted: [StateKey: Set<String>] = [:]
    /// The conflicted events of each state.
    private(set) var conflictedIDs: [Set<String>]

    /// As version 2 has it: a place that is empty in one of the states is one where they differ.
    init(_ states: [StateMap]) {
        self.init(states, emptyPlacesDiffer: true)
    }

    /// As version 1 has it: only events can differ.
    init(betweenPresent states: [StateMap]) {
        self.init(states, emptyPlacesDiffer: false)
    }

    private init(_ states: [StateMap], emptyPlacesDiffer: Bool) {
        conflictedIDs = Array(repeating: [], count: states.count)
        var counts: [StateKey: Int] = [:]
        for (key, id) in states.lazy.flatMap(\.self) {
            counts[key, default: 0] += 1
            if agreed[key] == nil && conflicted[key] == nil {
                agreed[key] = id
            } else if let other = agreed[key], other != id {
                agreed[key] = nil
                conflicted[key] = [other, id]
            } else if agreed[key] == nil {
                conflicted[key]?.insert(id)
            }
        }
        if emptyPlacesDiffer {
            for (key, count) in counts where count < states.count {
                if let id = agreed.removeValue(forKey: key) { conflicted[key] = [id] }
            }
        }
        for (index, state) in states.enumerated() {
            for key in conflicted.keys {
                if let id = state[key] { conflictedIDs[index].insert(id) }
            }
        }
    }

    var allConflictedIDs: Set<String> { conflictedIDs.reduce(into: []) { $0.formUnion($1) } }
}
