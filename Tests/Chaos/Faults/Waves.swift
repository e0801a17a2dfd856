import Foundation
import Setup
import Surroundings

/// Kills by twos, with NATS, PostgreSQL and nginx among them; the next wave comes when those who fell stand again, or have
/// had their time.
struct Waves: Sendable {
    let world: World
    let probe: Probe
    let faults: FaultLog
    let kills: Int

    /// The next wave does not wait for longer.
    private static let patience = Duration.seconds(5)

    private enum Blow: Sendable {
        case kill(Replica)
        case killNATS(emptied: Bool)
        case killPostgres(by: Int32)
        case reloadNginx
    }

    func run() async {
        var dice = Dice(seed: world.seed, of: "waves")
        await withDiscardingTaskGroup { group in
            while faults.kills < kills, !Task.isCancelled {
                let blows = draw(&dice)
                let pauses = blows.map { _ in dice.milliseconds(0...400) }
                let started = ContinuousClock.now
                await withDiscardingTaskGroup { group in
                    for (blow, pause) in zip(blows, pauses) {
                        group.addTask { await world.findings.noting("\(blow)") { try await strike(blow, pause) } }
                    }
                }
                let standing = Switch(), restarted = ContinuousClock.now
                group.addTask { await recover(from: blows, since: restarted, standing) }
                while !standing.isSet, .now - restarted < Self.patience { try? await Task.sleep(for: .milliseconds(20)) }
                if .now - started < .milliseconds(500) { try? await Task.sleep(for: dice.milliseconds(100...500)) }
            }
        }
    }

    private func draw(_ dice: inout Dice) -> [Blow] {
        var blows: [Blow] = []
        if dice.percent(7) { blows.append(.killNATS(emptied: dice.percent(40))) }
        if dice.percent(4) { blows.append(.killPostgres(by: dice.percent(50) ? SIGKILL : SIGQUIT)) }
        if dice.percent(5) { blows.append(.reloadNginx) }
        let victims = world.arena.take(blows.isEmpty ? 2 : Int.random(in: 0...2, using: &dice), by: &dice)
        return victims.map(Blow.kill) + blows
    }

    private func strike(_ blow: Blow, _ pause: Duration) async throws {
        let cluster = world.cluster
        switch blow {
        case .kill(let replica):
            try await replica.process.end()
            faults.count("\(replica.component) killed", kills: 1)
            try await Task.sleep(for: pause)
            try replica.process.start()
        case .killNATS(let emptied):
            cluster.nats.kill()
            faults.count(emptied ? "NATS killed, its store deleted" : "NATS killed", kills: 1)
            if emptied { try cluster.nats.forgetStreams() }
            try await Task.sleep(for: pause * 4)
            try await cluster.nats.start()
        case .killPostgres(let signal):
            try await cluster.postgres.kill(by: signal)
            faults.count(signal == SIGKILL ? "PostgreSQL killed" : "PostgreSQL stopped at once", kills: 1)
            try await Task.sleep(for: pause * 2)
            cluster.postgres.start()
        case .reloadNginx:
            try cluster.reloadNginx(with: world.arena.guests)
            faults.count("nginx reloaded")
        }
    }

    private func recover(from blows: [Blow], since: ContinuousClock.Instant, _ standing: Switch) async {
        let victims = blows.compactMap { blow in if case .kill(let replica) = blow { replica } else { nil } }
        for victim in victims {
            await world.findings.noting("after a kill") { try await victim.awaitReady(within: Probe.bound) }
        }
        world.arena.giveBack(victims)
        standing.set()
        await probe.recovers(from: kind(of: blows), since: since)
    }

    /// What recovering is counted under: the worst of a wave.
    private func kind(of blows: [Blow]) -> String {
        var kind = "kills"
        for blow in blows {
            switch blow {
            case .killPostgres: return "PostgreSQL"
            case .killNATS(let emptied): kind = emptied ? "NATS emptied" : "NATS"
            case .kill, .reloadNginx: break
            }
        }
        return kind
    }
}
