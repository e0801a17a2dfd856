import Matrix
import PushRules
import RoomRules
import SQL

/// Whom events notify, by the push rules of the rooms' members: once for all who have the rules that everybody begins with, and
/// each for those who have others, or are mentioned.
struct Notifying {
    let rules: KnownRules
    /// The members of the rooms who have rules of their own.
    let ruled: [PushRulesTable.Member]
    let tx: Transaction

    /// An event and its place.
    struct Placed {
        var event: Event
        var roomID: String
        var position: Int64
    }

    /// The rules of somebody who is nobody in particular.
    private static let everybodys = PushRuleset.defaults(for: "")
    /// How many users an event may mention.
    private static let mostMentioned = 100

    func read(_ events: [Placed]) throws -> ([NotificationsTable.Row], [NotificationsTable.Difference]) {
        let members = Dictionary(grouping: ruled, by: \.roomID)
        let own = try rules.rules(of: ruled, in: tx)
        let counts = own.isEmpty ? [:] : try RoomsTable.counts(Array(Set(events.map(\.roomID))), in: tx)
        let mentions = events.map { mentioned($0.event) }
        let memberships = try MembershipsTable.current(
            zip(events, mentions).flatMap { event, users in
                users.map { MembershipsTable.Place(roomID: event.roomID, userID: $0) }
            }, in: tx)()
        let names = try names(own, members, in: events)
        var rows: [NotificationsTable.Row] = [], differences: [NotificationsTable.Difference] = []
        for (placed, mentioned) in zip(events, mentions) {
            let room = try room(placed, members: counts[placed.roomID]?.joined ?? 0)
            let event = PushEvent(shown(placed), in: room), thread = thread(of: placed.event)
            let general = effect(Self.everybodys.outcome(for: event, user: "", displayName: nil))
            if general.notifies > 0 {
                rows.append(
                    NotificationsTable.Row(
                        position: placed.position, roomID: placed.roomID, threadID: thread, sender: placed.event.sender,
                        highlights: general.highlights > 0))
            }
            let joined = mentioned.filter {
                memberships[MembershipsTable.Place(roomID: placed.roomID, userID: $0)] == "join"
            }
            for userID in Set(joined).union((members[placed.roomID] ?? []).map(\.userID)) where userID != placed.event.sender {
                let ruleset = own[userID] ?? PushRuleset.defaults(for: userID)
                let name = names[MembershipsTable.Place(roomID: placed.roomID, userID: userID)]
                let particular = effect(ruleset.outcome(for: event, user: userID, displayName: name))
                if particular == general { continue }
                differences.append(
                    NotificationsTable.Difference(
                        userID: userID, roomID: placed.roomID, position: placed.position, threadID: thread,
                        notifies: particular.notifies - general.notifies, highlights: particular.highlights - general.highlights))
            }
        }
        return (rows, differences)
    }

    /// What those are called in the rooms whose rules ask for it: nobody's do who has those that everybody begins with.
    private func names(
        _ own: [String: PushRuleset], _ members: [String: [PushRulesTable.Member]], in events: [Placed]
    ) throws -> [MembershipsTable.Place: String] {
        let asking = Set(own.filter { $0.value.asksForDisplayName }.keys)
        if asking.isEmpty { return [:] }
        let rooms = Set(events.filter { $0.event.content["body"]?.string != nil }.map(\.roomID))
        let spans = rooms.flatMap { roomID in
            (members[roomID] ?? []).filter { asking.contains($0.userID) }.map { member in
                MemberSpan(userID: member.userID, span: RoomSpan(roomID: roomID, low: 0, high: .max))
            }
        }
        var names: [MembershipsTable.Place: String] = [:]
        for member in try EventsTable.members(spans, in: tx).values.joined() {
            guard let userID = member.stateKey, let name = member.content["displayname"]?.string else { continue }
            names[MembershipsTable.Place(roomID: member.roomID, userID: userID)] = name
        }
        return names
    }

    private struct Effect: Equatable {
        var notifies: Int64 = 0
        var highlights: Int64 = 0
    }

    private func effect(_ outcome: PushOutcome?) -> Effect {
        guard let outcome, outcome.notifies else { return Effect() }
        return Effect(notifies: 1, highlights: outcome.highlights ? 1 : 0)
    }

    /// [Mentions](https://spec.matrix.org/v1.19/client-server-api/#user-and-room-mentions)
    private func mentioned(_ event: Event) -> [String] {
        let users = event.content["m.mentions"]?["user_ids"]?.array?.prefix(Self.mostMentioned).compactMap(\.string) ?? []
        return users.filter { UserID($0) != nil }
    }

    private func thread(of event: Event) -> String {
        guard let relation = Relation(event.content), relation.type == Relation.thread else { return UnreadCounts.main }
        return relation.parentID
    }

    /// The event as conditions look at it.
    private func shown(_ placed: Placed) -> JSONObject {
        var event: JSONObject = [
            "type": .string(placed.event.type), "sender": .string(placed.event.sender), "room_id": .string(placed.roomID),
            "content": .object(placed.event.content),
        ]
        if let stateKey = placed.event.stateKey { event["state_key"] = .string(stateKey) }
        return event
    }

    /// What rules ask about the room. Power levels are asked about by those for mentions of the room only.
    private func room(_ placed: Placed, members: Int64) throws -> PushRoom {
        var room = PushRoom(memberCount: Int(members), senderLevel: 0)
        guard placed.event.content["m.mentions"]?["room"]?.bool == true else { return room }
        let version = placed.event.version
        let state = try EventsTable.select(
            from: """
                syncapi_current_state c JOIN syncapi_events e ON e.position = c.position
                WHERE c.room_id = \(placed.roomID) AND c.type IN ('m.room.power_levels', 'm.room.create') AND c.state_key = ''
                """, order: "", in: tx
        ).map { try Event(parsing: $0.pdu, version: version, eventID: $0.eventID) }
        let levels = PowerLevels(
            state.first { $0.type == "m.room.power_levels" }, create: state.first { $0.type == "m.room.create" }, version: version)
        room.senderLevel = levels.level(of: placed.event.sender).value ?? .max
        room.notificationLevels["room"] = levels.required(toNotify: "room").value ?? .max
        return room
    }
}
