import Foundation
import Setup
import Surroundings

/// Adds a replica, and takes it away again: told to leave or killed, nginx told before or after.
struct Guests: Sendable {
    let world: World
    let probe: Probe
    let faults: FaultLog
    let over: Switch

    func run() async {
        var dice = Dice(seed: world.seed, of: "guests")
        while !over.isSet {
            let component = dice.pick([.clientapi, .syncapi, .roomserver, .userapi, .mediaapi] as [ComponentName]) ?? .roomserver
            await world.findings.noting("a third \(component)") { try await visit(component, by: &dice) }
            try? await Task.sleep(for: dice.milliseconds(500...2_000))
        }
    }

    private func visit(_ component: ComponentName, by dice: inout Dice) async throws {
        let guest = try world.cluster.spare(component)
        try guest.process.start()
        try await guest.awaitReady(within: Probe.bound)
        world.arena.welcome(guest)
        if guest.externalURL != nil { try world.cluster.reloadNginx(with: [guest]) }
        faults.count("\(component) added")
        try await Task.sleep(for: dice.milliseconds(3_000...8_000))
        let tellsBefore = dice.percent(50)
        if tellsBefore { try depart(guest) }
        if dice.percent(50) {
            let status = try await guest.process.end(by: SIGTERM)
            if status != 0 { world.findings.note("\(guest.process.name), told to leave, ended with \(status)") }
            faults.count("\(component) removed")
        } else {
            try await guest.process.end()
            faults.count("\(component) removed by a kill", kills: 1)
        }
        if !tellsBefore { try depart(guest) }
    }

    private func depart(_ guest: Replica) throws {
        world.arena.dismiss(guest)
        if guest.externalURL != nil { try world.cluster.reloadNginx() }
    }
}
