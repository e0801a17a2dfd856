import Matrix
import RoomRules

/// A server as far as a room's state goes: it takes the room's events in any order, and says what the state is before and after each.
struct SimulatedServer {
    let version: RoomVersion
    private(set) var events: [String: Event] = [:]
    private(set) var before: [String: StateMap] = [:]
    private(set) var after: [String: StateMap] = [:]
    private(set) var rejected: Set<String> = []
    /// What waits for events that it follows or rests on.
    private var waiting: [Event] = []
    private var random: SplitMix

    /// `seed` decides in which order everything is looked at whose order must not matter.
    init(version: RoomVersion, seed: UInt64) {
        self.version = version
        random = SplitMix(state: seed)
    }

    /// Takes an event, and those that waited for it.
    mutating func receive(_ event: Event) throws {
        waiting.append(event)
        while let index = waiting.firstIndex(where: { ($0.prevEvents + $0.authEvents).allSatisfy { after[$0] != nil } }) {
            try take(waiting.remove(at: index))
        }
    }

    /// The state where several events are the newest.
    mutating func state(after ids: [String]) throws -> StateMap {
        let known = events, rejected = rejected
        let turned = Bool.random(using: &random)
        let source = EventSource(
            events: { ids in turned ? ids.reversed().compactMap { known[$0] } : ids.compactMap { known[$0] } },
            isRejected: { rejected.contains($0) })
        return try resolve(ids.shuffled(using: &random).compactMap { after[$0] }, version: version, from: source)
    }

    private mutating func take(_ event: Event) throws {
        let state = try state(after: event.prevEvents)
        events[event.eventID] = event
        before[event.eventID] = state
        after[event.eventID] = state
        guard try isAllowed(event, by: state) else {
            rejected.insert(event.eventID)
            return
        }
        if let key = event.stateKey { after[event.eventID]?[StateKey(event.type, key)] = event.eventID }
    }

    /// By the state before it, and by what it says that it rests on.
    private func isAllowed(_ event: Event, by state: StateMap) throws -> Bool {
        let auth = event.authEvents.compactMap { events[$0] }
        guard !auth.contains(where: { rejected.contains($0.eventID) }) else { return false }
        let create = events["$create"]
        return try reasonForRefusal {
            try authorize(event, against: { type, key in
                if type == "m.room.create", version.rules.createEventIsImplied { return create }
                return auth.first { $0.isState(type, key) }
            })
            try authorize(event, against: { state[StateKey($0, $1)].flatMap { events[$0] } })
        } == nil
    }
}
