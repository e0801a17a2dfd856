import Foundation
import Setup
import Surroundings

/// What all who live in a run share.
struct World: Sendable {
    let seed: UInt64
    let cluster: Cluster
    let arena: Arena
    let ledger: Ledger
    let findings: Findings
    /// Rooms in which all users are, all the time.
    let halls: [Room]
    /// Rooms that most users enter and leave.
    let inns: [Room]
    /// Set when there is no more to be done.
    let over: Switch

    struct Room: Sendable {
        var id: String
        /// Who made it, and never leaves it.
        var owner: Int
    }

    var rooms: [Room] { halls + inns }

    /// Where a request for a component may go: to nginx half the time, or to any replica that may be there.
    func address(_ component: ComponentName, by dice: inout Dice) -> String {
        if dice.percent(50) { return cluster.url }
        return dice.pick(arena.present(component).compactMap(\.externalURL)) ?? cluster.url
    }
}
