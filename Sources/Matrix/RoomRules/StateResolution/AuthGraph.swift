import Matrix

/// The events that state resolution has looked at, each asked for once, with the edges that `auth_events` are.
struct AuthGraph {
    private let source: EventSource
    private var known: [String: Event] = [:]
    private var asked: Set<String> = []
    private var rejected: [String: Bool] = [:]

    init(_ source: EventSource) { self.source = source }

    /// Fetches those of `ids` that have not been asked for, in one question.
    mutating func load(_ ids: some Sequence<String>) throws {
        let missing = ids.filter { asked.insert($0).inserted }
        guard !missing.isEmpty else { return }
        for event in try source.events(missing) { known[event.eventID] = event }
    }

    /// The event, or nil if nobody knows it.
    mutating func event(_ id: String) throws -> Event? {
        if let event = known[id] { return event }
        try load(CollectionOfOne(id))
        return known[id]
    }

    /// The event of a state that is being resolved: without it there is no answer.
    mutating func stateEvent(_ id: String) throws -> Event {
        guard let event = try event(id) else { throw MatrixError.unknown("The state event \(id) is not known") }
        return event
    }

    mutating func isRejected(_ id: String) throws -> Bool {
        if let answer = rejected[id] { return answer }
        let answer = try source.isRejected(id)
        rejected[id] = answer
        return answer
    }

    /// The auth chains of `ids`, and these themselves; a question a generation.
    mutating func chain(of ids: some Sequence<String>) throws -> Set<String> {
        var chain = Set(ids)
        var generation = Array(chain)
        while !generation.isEmpty {
            try load(generation)
            var next: [String] = []
            for id in generation {
                for parent in known[id]?.authEvents ?? [] where chain.insert(parent).inserted { next.append(parent) }
            }
            generation = next
        }
        return chain
    }

    /// The `auth_events` of an event that has been loaded.
    func parents(of id: String) -> [String] { known[id]?.authEvents ?? [] }

    /// The event of `type` with an empty state key among the `auth_events` of `event`.
    mutating func authEvent(_ type: String, of event: Event) throws -> Event? {
        for id in event.authEvents {
            if let candidate = try self.event(id), candidate.type == type, candidate.stateKey == "" { return candidate }
        }
        return nil
    }

    /// The create event of the room of `event`: among its `auth_events`, or the one that the room ID is made of.
    mutating func create(of event: Event) throws -> Event? {
        guard event.version.rules.roomIDIsCreateHash else { return try authEvent("m.room.create", of: event) }
        return try self.event("$" + event.roomID.dropFirst())
    }
}
