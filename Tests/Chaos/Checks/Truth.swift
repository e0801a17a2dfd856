import Matrix
import Surroundings

/// A room as its creator reads it at the end: what everybody else has to see.
struct Truth: Sendable {
    let room: String
    /// The oldest first.
    let events: [JSON]
    let ids: [String]
    /// Where each event stands.
    let places: [String: Int]
    /// The event IDs of the state, by type and key: the last of each.
    let state: [String: String]
    /// The last membership of each user.
    let memberships: [String: String]

    init(_ room: String, events: [JSON]) {
        self.room = room
        self.events = events
        ids = events.compactMap { $0["event_id"]?.string }
        places = Dictionary(ids.enumerated().map { ($1, $0) }) { $1 }
        var state: [String: String] = [:], memberships: [String: String] = [:]
        for event in events {
            guard let place = event.place else { continue }
            state[place] = event["event_id"]?.string
            if event["type"]?.string == "m.room.member", let user = event["state_key"]?.string {
                memberships[user] = event["content"]?["membership"]?.string
            }
        }
        self.state = state
        self.memberships = memberships
    }

    /// What a user may read: all of it, or for one who has left all up to then.
    func ids(readBy user: String) -> [String] {
        guard memberships[user] != "join", let last = state["m.room.member \(user)"], let place = places[last] else { return ids }
        return Array(ids.prefix(place + 1))
    }

    /// Where two lists part, for people.
    static func difference(_ expected: [String], _ found: [String]) -> String {
        let missing = Set(expected).subtracting(found), more = Set(found).subtracting(expected)
        let doubled = Dictionary(grouping: found, by: \.self).filter { $0.value.count > 1 }.keys
        let place = zip(expected, found).enumerated().first { $1.0 != $1.1 }.map(\.offset) ?? min(expected.count, found.count)
        return "\(found.count) events instead of \(expected.count), different from number \(place) on; "
            + "missing: \(missing.sorted().prefix(5)) (\(missing.count)), more: \(more.sorted().prefix(5)) (\(more.count)), "
            + "twice: \(doubled.sorted().prefix(5)) (\(doubled.count))"
    }
}
