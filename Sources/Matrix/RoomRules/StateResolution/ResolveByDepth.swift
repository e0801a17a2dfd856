import Crypto
import Matrix

/// State resolution 1: power levels, then join rules, then members, each in the order of their depth for as long as each
/// event allows the next; of everything else the deepest event that is allowed.
/// [State resolution](https://spec.matrix.org/v1.19/rooms/v1/#state-resolution)
func resolveByDepth(_ conflicts: StateConflicts, _ graph: inout AuthGraph) throws -> StateMap {
    var state = conflicts.agreed
    var contests: [StateKey: [Event]] = [:]
    try graph.load(conflicts.allConflictedIDs)
    for (key, ids) in conflicts.conflicted { contests[key] = try deepestLast(ids.map { try graph.stateEvent($0) }) }

    for type in ["m.room.power_levels", "m.room.join_rules", "m.room.member"] {
        // Places of one type do not see each other's outcome, so that their order does not matter.
        var outcomes: StateMap = [:]
        for (key, events) in contests where key.type == type && (type == "m.room.member" || key.stateKey.isEmpty) {
            outcomes[key] = try lastInUnbrokenSuccession(events, at: key, in: state, &graph)
            contests[key] = nil
        }
        state.merge(outcomes) { _, new in new }
    }
    var outcomes: StateMap = [:]
    for (key, events) in contests { outcomes[key] = try deepestAllowed(events, in: state, &graph) }
    return state.merging(outcomes) { _, new in new }
}

/// By ascending depth, then descending hash of the event ID.
private func deepestLast(_ events: [Event]) -> [Event] {
    let hashed = events.map { (event: $0, hash: Array(Insecure.SHA1.hash(data: Array($0.eventID.utf8)))) }
    return hashed.sorted { left, right in
        left.event.depth == right.event.depth
            ? right.hash.lexicographicallyPrecedes(left.hash) : left.event.depth < right.event.depth
    }.map(\.event)
}

/// The first event stands; each that is allowed where the one before it stands takes its place, until one is not.
private func lastInUnbrokenSuccession(
    _ events: [Event], at key: StateKey, in state: StateMap, _ graph: inout AuthGraph
) throws -> String? {
    var standing = state
    for (index, event) in events.enumerated() {
        if index > 0, try !graph.isAllowed(event, in: standing) { break }
        standing[key] = event.eventID
    }
    return standing[key]
}

/// The deepest event that is allowed; if none is, the one of the least depth.
private func deepestAllowed(_ events: [Event], in state: StateMap, _ graph: inout AuthGraph) throws -> String? {
    for event in events.reversed() where try graph.isAllowed(event, in: state) { return event.eventID }
    return events.first?.eventID
}

extension AuthGraph {
    fileprivate mutating func isAllowed(_ event: Event, in state: StateMap) throws -> Bool {
        try isAllowed(event) { graph, key in try state[key].map { try graph.stateEvent($0) } }
    }
}
