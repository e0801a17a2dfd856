import Foundation

/// Stops processes for longer than a lease lives, one after the other, and lets them go on.
struct Hangs: Sendable {
    let world: World
    let probe: Probe
    let faults: FaultLog
    let over: Switch

    func run() async {
        var dice = Dice(seed: world.seed, of: "hangs")
        while !over.isSet {
            try? await Task.sleep(for: dice.milliseconds(500...2_500))
            guard !over.isSet, let victim = world.arena.take(1, by: &dice).first else { continue }
            victim.process.signal(SIGSTOP)
            faults.count("\(victim.component) stopped for a while")
            try? await Task.sleep(for: dice.milliseconds(5_500...9_000))
            victim.process.signal(SIGCONT)
            let continued = ContinuousClock.now
            await world.findings.noting("after a stop") { try await victim.awaitReady(within: Probe.bound) }
            world.arena.giveBack([victim])
            await probe.recovers(from: "hangs", since: continued)
        }
    }
}
