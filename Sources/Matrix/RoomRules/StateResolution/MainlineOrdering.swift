import Matrix

/// The succession of `m.room.power_levels` events that led to the present one, by which other events are dated.
/// [Mainline ordering](https://spec.matrix.org/v1.19/rooms/v2/#definitions)
private struct Mainline {
    /// The position of the newest mainline event that each power level event rests on; nil where there is none.
    private var positions: [String: Int?] = [:]

    init(endingAt powerLevels: Event?, _ graph: inout AuthGraph) throws {
        var next = powerLevels
        while let event = next, positions[event.eventID] == nil {
            positions[event.eventID] = .some(positions.count)
            next = try graph.authEvent("m.room.power_levels", of: event)
        }
    }

    /// How far back the event's power levels lie; the greatest number if they are not in the mainline.
    mutating func position(of event: Event, _ graph: inout AuthGraph) throws -> Int {
        var walked: [String] = []
        var found: Int?
        var next = try graph.authEvent("m.room.power_levels", of: event)
        while let powerLevels = next {
            if let position = positions[powerLevels.eventID] {
                found = position
                break
            }
            positions[powerLevels.eventID] = .some(nil)
            walked.append(powerLevels.eventID)
            next = try graph.authEvent("m.room.power_levels", of: powerLevels)
        }
        for id in walked { positions[id] = .some(found) }
        return found ?? .max
    }
}

extension AuthGraph {
    /// `ids` as events, those first whose power levels are the oldest.
    mutating func mainlineOrdered(_ ids: Set<String>, by powerLevels: Event?) throws -> [Event] {
        try load(ids)
        var mainline = try Mainline(endingAt: powerLevels, &self)
        var dated: [(event: Event, position: Int)] = []
        for id in ids {
            if let event = try event(id) { dated.append((event, try mainline.position(of: event, &self))) }
        }
        dated.sort { left, right in
            if left.position != right.position { return left.position > right.position }
            if left.event.originServerTS != right.event.originServerTS {
                return left.event.originServerTS < right.event.originServerTS
            }
            return left.event.eventID.utf8.lexicographicallyPrecedes(right.event.eventID.utf8)
        }
        return dated.map(\.event)
    }
}
