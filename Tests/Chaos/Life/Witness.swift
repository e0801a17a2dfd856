import Matrix
import Setup
import Surroundings
import TestSupport
import Web

/// A client that syncs on and on, each time somewhere else, and what it has seen of all its rooms.
struct Witness: Sendable {
    /// A room as it was shown.
    struct Seen: Sendable {
        /// The events, in their order.
        var events: [String] = []
        /// Event IDs by type and key.
        var state: [String: String] = [:]
    }

    let client: Client
    let world: World
    private(set) var rooms: [String: Seen] = [:]
    private(set) var syncs = 0
    private var since: String?
    private var dice: Dice

    init(_ number: Int, _ client: Client, in world: World) {
        self.client = client
        self.world = world
        dice = Dice(seed: world.seed, of: "witness \(number)")
    }

    private var ask: Asking { Asking(world: world, client: client) }

    /// Syncs until a flag is set.
    mutating func watch(until silence: Switch) async {
        while !silence.isSet {
            do { try await sync() } catch is CancellationError { return } catch { world.findings.note("\(error)") }
        }
    }

    /// Syncs once, and fetches what the sync left out.
    mutating func sync(timeoutMS: Int = 3_000) async throws {
        let filter = Client.encoded(#"{"room":{"timeline":{"limit":100}}}"#)
        let path = "/_matrix/client/v3/sync?filter=\(filter)&timeout=\(timeoutMS)" + (since.map { "&since=\($0)" } ?? "")
        let outcome = try await ask(.get, path, of: .syncapi, timeout: .seconds(10), by: &dice)
        let answer = outcome.answer.json
        guard outcome.isDone, let next = answer["next_batch"]?.string else {
            world.findings.note("\(client.userID) may not sync from \(since ?? "the beginning"): \(outcome.answer)")
            return try await Task.sleep(for: .milliseconds(500))
        }
        // All of an answer or nothing, should fetching what it left out fail.
        var taken = rooms
        for section in ["join", "leave"] {
            for (room, shown) in answer["rooms"]?[section]?.object ?? [:] {
                taken[room] = try await rooms[room, default: Seen()].after(shown, missed: missed(in: room, shown), as: client.userID)
            }
        }
        rooms = taken
        since = next
        syncs += 1
    }

    /// What happened between the last sync and the timeline of this one, oldest first.
    private mutating func missed(in room: String, _ shown: JSON) async throws -> [JSON] {
        guard let since, shown["timeline"]?["limited"]?.bool == true, let token = shown["timeline"]?["prev_batch"]?.string else {
            return []
        }
        return try await Paging(world: world, client: client).backward(room, from: token, to: since, by: &dice).reversed()
    }
}

extension Witness.Seen {
    fileprivate func after(_ shown: JSON, missed: [JSON], as user: String) -> Self {
        var seen = self
        for event in shown["state"]?["events"]?.array ?? [] { seen.note(event) }
        let known = Set(events), timeline = shown["timeline"]?["events"]?.array ?? []
        // Who has come back is shown the room as to somebody new, and told by "limited" that it does not join on.
        let cameBack = shown["timeline"]?["limited"]?.bool == true && timeline.contains { event in
            event.place == "m.room.member \(user)" && !known.contains(event["event_id"]?.string ?? "")
        }
        if cameBack {
            let shownAgain = Set(timeline.ids)
            seen.events.removeAll { shownAgain.contains($0) }
        }
        for event in missed + timeline { seen.append(event) }
        return seen
    }

    mutating func append(_ event: JSON) {
        if let id = event["event_id"]?.string { events.append(id) }
        note(event)
    }

    mutating func note(_ event: JSON) {
        guard let place = event.place, let id = event["event_id"]?.string else { return }
        state[place] = id
    }
}

extension JSON {
    /// Where a state event stands.
    var place: String? {
        guard let type = self["type"]?.string, let key = self["state_key"]?.string else { return nil }
        return "\(type) \(key)"
    }
}
