import Matrix
import Setup
import Surroundings
import TestSupport

/// A first `/sync` at each replica, read back to the beginning at the others.
struct FreshSyncs: Sendable {
    let world: World
    let client: Client
    let truths: [Truth]

    func check() async throws {
        var dice = Dice(seed: world.seed, of: client.userID)
        let filter = Client.encoded(#"{"room":{"timeline":{"limit":10}}}"#)
        var tokens: [String] = []
        for reader in world.cluster.replicas[.syncapi] ?? [] {
            let here = client.at(reader.externalURL ?? world.cluster.url)
            let answer = try await here.insist(.get, "/_matrix/client/v3/sync?filter=\(filter)")
            tokens += [answer["next_batch"]?.string].compactMap(\.self)
            let joined = answer["rooms"]?["join"]?.object ?? [:]
            for truth in truths {
                let everybody = Everybody(world: world, truth: truth, members: [client])
                let isMember = truth.memberships[client.userID] == "join"
                guard let shown = joined[truth.room], isMember else {
                    if isMember || joined[truth.room] != nil {
                        world.findings.note("\(client.userID) is\(isMember ? "" : " not") in \(truth.room); /sync at \(reader.process.name) differs")
                    }
                    continue
                }
                let name = "a first /sync by \(client.userID) at \(reader.process.name)"
                let timeline = shown["timeline"]?["events"]?.array ?? []
                var before: [JSON] = []
                if let token = shown["timeline"]?["prev_batch"]?.string, shown["timeline"]?["limited"]?.bool == true {
                    before = try await Paging(world: world, client: client).backward(truth.room, from: token, by: &dice)
                }
                everybody.compare(name, truth.ids, before.ids.reversed() + timeline.ids)
                var seen = Witness.Seen()
                for event in (shown["state"]?["events"]?.array ?? []) + timeline { seen.note(event) }
                everybody.compareState(name, seen.state)
            }
        }
        try await use(tokens)
    }

    /// A token of one replica goes on at every other, where nothing more has happened.
    private func use(_ tokens: [String]) async throws {
        for token in tokens {
            for reader in world.cluster.replicas[.syncapi] ?? [] {
                let here = client.at(reader.externalURL ?? world.cluster.url)
                let answer = try await here.insist(.get, "/_matrix/client/v3/sync?timeout=0&since=\(token)")
                for (room, shown) in answer["rooms"]?["join"]?.object ?? [:] where shown["timeline"]?["events"]?.array?.isEmpty == false {
                    world.findings.note("\(client.userID), \(reader.process.name) shows something after \(token) in \(room)")
                }
            }
        }
    }
}
