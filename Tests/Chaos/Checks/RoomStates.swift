import Contracts
import Foundation
import InternalAPI
import Logging
import Matrix
import Setup
import Surroundings
import TestSupport

/// Whether every clientapi and every roomserver says of a room what its timeline comes to.
struct RoomStates: Sendable {
    let world: World
    let truth: Truth
    let owner: Surroundings.Client

    private var joined: Set<String> { Set(truth.memberships.filter { $0.value == "join" }.keys) }

    func check() async throws {
        let everybody = Everybody(world: world, truth: truth, members: [])
        for replica in world.cluster.replicas[.clientapi] ?? [] {
            let client = owner.at(replica.externalURL ?? world.cluster.url), name = replica.process.name
            let state = try await client.insist(.get, Surroundings.Client.path(truth.room, "state")).array ?? []
            everybody.compareState("/state by \(name)", ids(state))
            let members = try await client.insist(.get, Surroundings.Client.path(truth.room, "members"))["chunk"]?.array ?? []
            compareMembers("/members by \(name)", Dictionary(members.compactMap { event in
                guard let user = event["state_key"]?.string, let membership = event["content"]?["membership"]?.string else { return nil }
                return (user, membership)
            }) { $1 })
            let joinedNow = try await client.insist(.get, Surroundings.Client.path(truth.room, "joined_members"))["joined"]?.object ?? [:]
            compareJoined("/joined_members by \(name)", Set(joinedNow.map(\.key)))
            try await everyPlace(state, client, name)
        }
        for replica in world.cluster.replicas[.roomserver] ?? [] { try await ask(replica, everybody) }
    }

    /// Asks a roomserver itself.
    private func ask(_ replica: Replica, _ everybody: Everybody) async throws {
        guard let url = URL(string: replica.internalURL) else { return }
        let link = HTTPLink(connect: [url], token: Cluster.token, client: HTTPLink.makeClient(), logger: Logger(label: "chaos"))
        let roomserver = RoomserverClient(link), name = replica.process.name
        let state = try await roomserver.call(QueryRoomState(roomID: truth.room, userID: owner.userID)).events
        everybody.compareState("QueryRoomState by \(name)", ids(state.parsed().array ?? []))
        let members = try await roomserver.call(QueryJoinedMembers(roomID: truth.room, userID: owner.userID)).joined
        compareJoined("QueryJoinedMembers by \(name)", Set(members.keys))
    }

    /// Each place by itself.
    private func everyPlace(_ state: [JSON], _ client: Surroundings.Client, _ name: String) async throws {
        for event in state {
            guard let type = event["type"]?.string, let key = event["state_key"]?.string else { continue }
            let content = try await client.insist(
                .get, Surroundings.Client.path(truth.room, "state/\(Surroundings.Client.encoded(type))/\(Surroundings.Client.encoded(key))"))
            if content != event["content"] {
                world.findings.note("\(type) \(key) of \(truth.room) by \(name): \(content) instead of \(event["content"] ?? .null)")
            }
        }
    }

    private func ids(_ state: [JSON]) -> [String: String] {
        Dictionary(state.compactMap { event in
            guard let place = event.place, let id = event["event_id"]?.string else { return nil }
            return (place, id)
        }) { $1 }
    }

    private func compareMembers(_ what: String, _ found: [String: String]) {
        if found != truth.memberships { world.findings.note("\(what) in \(truth.room): \(found) instead of \(truth.memberships)") }
    }

    private func compareJoined(_ what: String, _ found: Set<String>) {
        if found != joined { world.findings.note("\(what) in \(truth.room): \(found.sorted()) instead of \(joined.sorted())") }
    }
}
