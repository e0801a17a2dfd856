import Matrix
import RoomRules
import SQL

/// Whether a user may see an event, by what the room's state was when it happened.
/// [Room history visibility](https://spec.matrix.org/v1.19/client-server-api/#server-behaviour-6)
struct EventVisibility {
    let userID: String
    let room: RoomRow

    /// How an event is seen.
    enum Sight {
        case hidden
        /// By who was not in the room when it happened.
        case fromOutside
        case whole
    }

    func allows(_ stored: StoredEvent, _ tx: Transaction) throws -> Bool { try sight(of: stored, tx) != .hidden }

    func sight(of stored: StoredEvent, _ tx: Transaction) throws -> Sight {
        let now = try MembershipTable.find(userID, room: room.nid, tx), hasForgotten = now?.forgotten ?? false
        // Who has been in the room since before the event sees it, whatever the room's history is to others.
        if let now, now.membership == "join", now.nid <= stored.nid { return .whole }

        let visibilityKey = StateKey("m.room.history_visibility"), memberKey = StateKey("m.room.member", userID)
        let nids = try StateGroupTable.read(stored.stateBefore, room: room.nid, at: [visibilityKey, memberKey], tx)
        let events = try EventTable.find(nids: Array(nids.values), version: room.version, tx).map(\.event)
        var visibility = HistoryVisibility(events.first { $0.type == visibilityKey.type })
        if stored.event.isState("m.room.history_visibility") { visibility = max(visibility, HistoryVisibility(stored.event)) }

        var memberships = events.filter { $0.type == memberKey.type }.map(\.membership)
        if stored.event.isState("m.room.member", userID) { memberships.append(stored.event.membership) }
        if visibility == .worldReadable { return memberships.contains("join") ? .whole : .fromOutside }
        if hasForgotten { return .hidden }
        if memberships.contains("join") { return .whole }
        let isOpen = switch visibility {
        case .worldReadable: true
        case .joined: false
        case .invited: memberships.contains("invite")
        case .shared: now.map { isOrWasInRoom($0, after: stored.nid) } ?? false
        }
        return isOpen ? .fromOutside : .hidden
    }

    /// Whether the user is in the room, or was at some time after an event.
    private func isOrWasInRoom(_ membership: Membership, after nid: Int64) -> Bool {
        membership.membership == "join" || membership.departedNID.map { $0 > nid } ?? false
    }
}
