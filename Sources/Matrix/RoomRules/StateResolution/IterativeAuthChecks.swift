import Matrix

extension AuthGraph {
    /// Puts each event into `state` that the state then allows. What the state lacks to judge by, the event's own auth
    /// events supply, unless they were rejected.
    /// [Iterative auth checks](https://spec.matrix.org/v1.19/rooms/v2/#definitions)
    mutating func apply(_ events: [Event], to state: inout StateMap) throws {
        try load(events.flatMap { event in authEventKeys(for: event).compactMap { state[$0] } + event.authEvents })
        for event in events {
            guard let place = event.place else { continue }
            let supplied = try suppliedState(by: event)
            let isAllowed = try isAllowed(event) { graph, key in
                if let id = state[key] { return try graph.stateEvent(id) }
                return supplied[key]
            }
            if isAllowed { state[place] = event.eventID }
        }
    }

    /// Whether the rules allow `event`, signatures having been verified when it was received.
    mutating func isAllowed(_ event: Event, by state: (inout AuthGraph, StateKey) throws -> Event?) throws -> Bool {
        do {
            try authorize(event, against: { try state(&self, StateKey($0, $1)) }, signed: { _ in true })
            return true
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            return false
        }
    }

    private mutating func suppliedState(by event: Event) throws -> [StateKey: Event] {
        var supplied: [StateKey: Event] = [:]
        for id in event.authEvents {
            guard let authEvent = try self.event(id), let place = authEvent.place, try !isRejected(id) else { continue }
            supplied[place] = authEvent
        }
        if let create = try create(of: event), try !isRejected(create.eventID) { supplied[.create] = create }
        return supplied
    }
}
