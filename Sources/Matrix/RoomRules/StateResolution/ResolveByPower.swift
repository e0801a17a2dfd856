import Matrix

/// State resolution 2, and 2.1 when it starts empty: first what decides who may do what, the mightiest first; then the
/// rest, dated by the power levels that it rests on.
/// [State resolution](https://spec.matrix.org/v1.19/rooms/v2/#algorithm)
func resolveByPower(
    _ conflicts: StateConflicts, startingEmpty: Bool, version: RoomVersion, _ graph: inout AuthGraph
) throws -> StateMap {
    let conflicted = conflicts.allConflictedIDs
    try graph.load(conflicted)
    for id in conflicted { _ = try graph.stateEvent(id) }

    var undecided = try graph.authDifference(conflicts).union(conflicted)
    if startingEmpty { undecided.formUnion(try graph.conflictedSubgraph(conflicted)) }

    var state = startingEmpty ? [:] : conflicts.agreed
    let powerEvents = try graph.powerOrdered(undecided)
    try graph.apply(powerEvents, to: &state)

    undecided.subtract(powerEvents.lazy.map(\.eventID))
    let powerLevels = try state[.powerLevels].map { try graph.stateEvent($0) }
    try graph.apply(try graph.mainlineOrdered(undecided, by: powerLevels), to: &state)

    return state.merging(conflicts.agreed) { _, agreed in agreed }
}
