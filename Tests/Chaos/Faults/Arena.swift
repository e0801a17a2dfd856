import Setup
import Surroundings
import Synchronization

/// Who is being hurt by whom, so that two faults do not have one process between them.
final class Arena: Sendable {
    private struct State {
        /// The names of processes that a fault has in its hands.
        var held: Set<String> = []
        /// Those of them that are away for long.
        var away: Set<String> = []
        var guests: [Replica] = []
    }

    private let cluster: Cluster
    private let state = Mutex(State())

    init(_ cluster: Cluster) { self.cluster = cluster }

    /// Where a component may be found.
    func present(_ component: ComponentName) -> [Replica] {
        state.withLock { state in
            ((cluster.replicas[component] ?? []) + state.guests.filter { $0.component == component })
                .filter { !state.away.contains($0.process.name) }
        }
    }

    /// Those of a component that nothing is done to.
    func untouched(_ component: ComponentName) -> [Replica] {
        let present = present(component)
        return state.withLock { state in present.filter { !state.held.contains($0.process.name) } }
    }

    /// Up to so many processes that nobody has.
    func take(_ count: Int, by dice: inout Dice) -> [Replica] {
        let order = cluster.all.shuffled(using: &dice)
        return state.withLock { state in
            let taken = Array(order.filter { !state.held.contains($0.process.name) }.prefix(count))
            state.held.formUnion(taken.map(\.process.name))
            return taken
        }
    }

    /// All processes of a component, for long, once nobody else has one.
    func takeAway(_ component: ComponentName) -> [Replica]? {
        let all = cluster.replicas[component] ?? []
        let names = Set(all.map(\.process.name))
        return state.withLock { state in
            guard state.held.isDisjoint(with: names) else { return nil }
            state.held.formUnion(names)
            state.away.formUnion(names)
            return all
        }
    }

    func giveBack(_ replicas: [Replica]) {
        state.withLock { state in
            state.held.subtract(replicas.map(\.process.name))
            state.away.subtract(replicas.map(\.process.name))
        }
    }

    func welcome(_ guest: Replica) { state.withLock { $0.guests.append(guest) } }
    func dismiss(_ guest: Replica) { state.withLock { $0.guests.removeAll { $0 === guest } } }
    var guests: [Replica] { state.withLock { $0.guests } }
}
