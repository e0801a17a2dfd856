import Matrix

/// A room's state: the event ID at each place.
public typealias StateMap = [StateKey: String]

/// What state resolution needs to know about events, asked of whoever keeps them.
public struct EventSource {
    /// The events with these IDs, those that are known, in any order.
    public let events: (_ ids: [String]) throws -> [Event]
    /// Whether an event was rejected when it was received.
    public let isRejected: (_ id: String) throws -> Bool

    public init(events: @escaping ([String]) throws -> [Event], isRejected: @escaping (String) throws -> Bool = { _ in false }) {
        self.events = events
        self.isRejected = isRejected
    }
}

/// The state before an event that has the states `states` before it: one place, one event, and the same for every server
/// that has the same events, in whatever order they are given.
///
/// The algorithm is the room version's: [1](https://spec.matrix.org/v1.19/rooms/v1/#state-resolution),
/// [2](https://spec.matrix.org/v1.19/rooms/v2/#state-resolution) or
/// [2.1](https://spec.matrix.org/v1.19/rooms/v12/#state-resolution).
public func resolve(_ states: [StateMap], version: RoomVersion, from source: EventSource) throws -> StateMap {
    guard let first = states.first else { return [:] }
    if states.dropFirst().allSatisfy({ $0 == first }) { return first }

    var events = AuthGraph(source)
    switch version.rules.stateResolution {
    case .v1: return try resolveByDepth(StateConflicts(betweenPresent: states), &events)
    case .v2: return try resolveByPower(StateConflicts(states), startingEmpty: false, version: version, &events)
    case .v2_1: return try resolveByPower(StateConflicts(states), startingEmpty: true, version: version, &events)
    }
}

/// As `resolve(_:version:from:)`, for who has each event at hand; `fetch` answers nil for an event that is not known.
public func resolve(
    version: RoomVersion, stateSets: [StateMap], fetch: @escaping (String) throws -> Event?,
    isRejected: @escaping (String) throws -> Bool = { _ in false }
) throws -> StateMap {
    let source = EventSource(events: { try $0.compactMap(fetch) }, isRejected: isRejected)
    return try resolve(stateSets, version: version, from: source)
}
