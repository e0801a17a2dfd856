import Matrix
import Setup
import Surroundings
import TestSupport

/// Whether all see the same: by `/messages` at every replica, by a fresh `/sync`, and by the syncs they made all the while.
struct Everybody: Sendable {
    let world: World
    let truth: Truth
    /// All who ever were in the room.
    let members: [Client]

    private var findings: Findings { world.findings }
    private var readers: [Replica] { world.cluster.replicas[.syncapi] ?? [] }

    /// Reads the room at each replica, backwards, and forwards with each page somewhere else.
    func readMessages() async throws {
        var dice = Dice(seed: world.seed, of: truth.room)
        for member in members {
            let expected = truth.ids(readBy: member.userID)
            for reader in readers {
                let pages = try await Paging(world: world, client: member, address: reader.externalURL).backward(truth.room, by: &dice)
                compare("/messages by \(member.userID) at \(reader.process.name)", expected, Array(pages.ids.reversed()))
            }
            let pages = try await Paging(world: world, client: member).forward(truth.room, by: &dice)
            compare("/messages forwards by \(member.userID)", expected, pages.ids)
        }
    }

    /// What a witness saw: everything, of rooms that the user never left; otherwise what there was, once and in order.
    func compare(_ witness: Witness, wasAlwaysThere: Bool) {
        guard let seen = witness.rooms[truth.room] else {
            return findings.note("\(witness.client.userID) never saw \(truth.room)")
        }
        let name = "/sync by \(witness.client.userID)"
        if wasAlwaysThere { compare(name, truth.ids, seen.events) }
        let places = seen.events.map { truth.places[$0] ?? -1 }
        if places.contains(-1) || zip(places, places.dropFirst()).contains(where: { $0 >= $1 }) {
            findings.note("REORDERED or doubled in \(truth.room), \(name): \(places.suffix(100))")
        }
        if truth.memberships[witness.client.userID] == "join" { compareState(name, seen.state) }
    }

    func compare(_ what: String, _ expected: [String], _ found: [String]) {
        if expected != found { findings.note("\(truth.room), \(what): \(Truth.difference(expected, found))") }
    }

    func compareState(_ what: String, _ found: [String: String]) {
        if found == truth.state { return }
        let wrong = Set(found.keys).union(truth.state.keys).filter { found[$0] != truth.state[$0] }.sorted().prefix(5)
        let places = wrong.map { "\($0): \(found[$0] ?? "nothing") instead of \(truth.state[$0] ?? "nothing")" }
        findings.note("the state of \(truth.room), \(what): \(places.joined(separator: "; "))")
    }
}

extension [JSON] {
    var ids: [String] { compactMap { $0["event_id"]?.string } }
}
