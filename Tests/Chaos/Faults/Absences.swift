import Foundation
import Setup
import Surroundings
import TestSupport

/// Keeps all who listen to a topic away for long, while more is told than their stream holds. The others go on, and who
/// comes back misses nothing.
struct Absences: Sendable {
    let world: World
    let probe: Probe
    let faults: FaultLog
    let over: Switch
    let length: ClosedRange<Int>
    let streamBytes: Int
    let deliveries: Deliveries

    func run() async {
        var dice = Dice(seed: world.seed, of: "absences")
        while !over.isSet {
            for component in [ComponentName.appservice, .syncapi, .federationapi].shuffled(using: &dice) where !over.isSet {
                let time = dice.milliseconds(length)
                await world.findings.noting("\(component) away") { try await keepAway(component, for: time) }
                try? await Task.sleep(for: dice.milliseconds(1_000...4_000))
            }
        }
    }

    private func keepAway(_ component: ComponentName, for time: Duration) async throws {
        var taken = world.arena.takeAway(component)
        while taken == nil {
            if over.isSet { return }
            try await Task.sleep(for: .milliseconds(50))
            taken = world.arena.takeAway(component)
        }
        let absent = taken ?? []
        for replica in absent { try await replica.process.end() }
        faults.count("all \(component) away", kills: absent.count)
        let before = world.ledger.messages, started = ContinuousClock.now
        await probe.fill(streamBytes * 3 / 2)
        faults.tell("filled the stream in \((ContinuousClock.now - started).text)")
        let left = time - (.now - started)
        if left > .zero { try await Task.sleep(for: left) }
        if world.ledger.messages <= before { world.findings.note("while \(component) was away, nothing was acknowledged") }
        for replica in absent { try replica.process.start() }
        let restarted = ContinuousClock.now
        faults.tell("all \(component) started again")
        for replica in absent { try await replica.awaitReady(within: Probe.bound) }
        world.arena.giveBack(absent)
        try await deliveries.catchesUp(component, within: Probe.bound)
        faults.recovered(from: "\(component) away", in: .now - restarted)
        await probe.recovers(from: "absences", since: .now)
    }
}
