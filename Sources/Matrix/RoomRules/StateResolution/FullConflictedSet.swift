/// What resolution has to decide about, beyond the conflicted events themselves.
extension AuthGraph {
    /// The events that are in some states' auth chains and not in all.
    ///
    /// A state's own events count as part of its chain, as on every server that is deployed. What the states agree on is in
    /// every chain with all its ancestors, so that only the chains of conflicted events need be compared; and the chains of
    /// what is agreed are walked only when those differ.
    mutating func authDifference(_ conflicts: StateConflicts) throws -> Set<String> {
        let chains = try conflicts.conflictedIDs.map { try chain(of: $0) }
        var counts: [String: Int] = [:]
        for id in chains.lazy.flatMap(\.self) { counts[id, default: 0] += 1 }
        let difference = Set(counts.lazy.filter { $0.value < chains.count }.map(\.key))

        let conflicted = conflicts.allConflictedIDs
        if difference.isSubset(of: conflicted) { return difference }
        return difference.subtracting(try chain(of: conflicts.agreed.values))
    }

    /// All events on a path of `auth_events` from one of `conflicted` to another, both included.
    mutating func conflictedSubgraph(_ conflicted: Set<String>) throws -> Set<String> {
        let ancestors = try chain(of: conflicted)
        var children: [String: [String]] = [:]
        for id in ancestors {
            for parent in parents(of: id) { children[parent, default: []].append(id) }
        }
        var subgraph = conflicted
        var waiting = Array(conflicted)
        while let id = waiting.popLast() {
            for child in children[id] ?? [] where subgraph.insert(child).inserted { waiting.append(child) }
        }
        return subgraph
    }
}
