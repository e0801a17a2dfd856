import Foundation
import Logging
import Matrix
import Setup
import SQL
import Surroundings
import TestSupport

/// One run: users live in a cluster that is hurt all the while, and at the end everything is looked at.
struct Run {
    let plan: Plan
    let cluster: Cluster
    private let findings = Findings()
    private let ledger = Ledger()
    private let faults: FaultLog

    init(_ plan: Plan) async throws {
        self.plan = plan
        faults = FaultLog(isSpoken: plan.isSpoken)
        var options = Cluster.Options(replicas: plan.replicas)
        options.hasSpares = true
        options.nginxReloads = true
        options.databaseConnections = 70
        options.jetStream = "max_stream_bytes: \(plan.streamBytes)"
        cluster = try await Cluster(options)
    }

    /// Whether everything held. Says what it does and finds.
    func perform() async throws -> Bool {
        let begun = ContinuousClock.now
        say("chaos: seed \(plan.seed), \(plan.kills) kills, \(plan.replicas) of each component, in \(cluster.folder.path)")
        try await cluster.start()
        let users = try await register()
        let world = try await furnish(users)
        let probe = try await makeProbe(world)
        say("started in \((.now - begun).text)")

        let lived = ContinuousClock.now
        let witnesses = try await live(users, world, probe)
        say("hurt for \((.now - lived).text): \(faults.tally.text)")
        say("kills: \(faults.kills)")
        let checked = ContinuousClock.now
        try await check(users, world, probe, witnesses)
        let warnings = try ProcessLogs(cluster: cluster, findings: findings).check()
        report(warnings, witnesses)
        say("checked in \((.now - checked).text), in all \((.now - begun).text)")
        return findings.count == 0
    }

    private func register() async throws -> [Client] {
        var users: [Client] = []
        for number in 0..<8 { users.append(try await Client.register("chaos\(number)", at: cluster.url)) }
        return users
    }

    private func furnish(_ users: [Client]) async throws -> World {
        var rooms: [World.Room] = []
        for owner in 0..<6 {
            let room = try await users[owner].createRoom(["preset": "public_chat", "power_level_content_override": [
                "events": ["org.example.status": 0, "org.example.shared": 0, "m.room.topic": 50],
            ]])
            for (number, user) in users.enumerated() where number != owner { try await user.join(room) }
            rooms.append(.init(id: room, owner: owner))
        }
        return World(
            seed: plan.seed, cluster: cluster, arena: Arena(cluster), ledger: ledger, findings: findings,
            halls: Array(rooms.prefix(3)), inns: Array(rooms.dropFirst(3)), over: Switch())
    }

    private func makeProbe(_ world: World) async throws -> Probe {
        let client = try await Client.register("probe", at: cluster.url)
        return Probe(
            world: world, client: client, room: try await client.createRoom(), flood: try await client.createRoom(), faults: faults)
    }

    /// Lets everybody live until there were enough kills and all stands again, and returns what the witnesses saw.
    private func live(_ users: [Client], _ world: World, _ probe: Probe) async throws -> [Witness] {
        let silence = Switch(), faultsOver = Switch()
        let database = try await Database.open(
            cluster.database, options: DatabaseOptions(name: "chaos", maxOpenConnections: 2), logger: Logger(label: "chaos"))
        let deliveries = Deliveries(database: database)
        return try await withThrowingTaskGroup(of: Witness.self) { group in
            for (number, user) in users.enumerated() {
                var first = Witness(number, user, in: world)
                try await first.sync(timeoutMS: 0)
                let before = first
                group.addTask {
                    var witness = before
                    await witness.watch(until: silence)
                    return witness
                }
            }
            async let lives: Void = withDiscardingTaskGroup { group in
                for (number, user) in users.enumerated() {
                    group.addTask {
                        var person = Person(number, user, in: world)
                        await person.live()
                    }
                }
            }
            await withDiscardingTaskGroup { tracks in
                tracks.addTask { await Hangs(world: world, probe: probe, faults: faults, over: faultsOver).run() }
                tracks.addTask { await Guests(world: world, probe: probe, faults: faults, over: faultsOver).run() }
                tracks.addTask {
                    await Absences(
                        world: world, probe: probe, faults: faults, over: faultsOver, length: plan.absence,
                        streamBytes: plan.streamBytes, deliveries: deliveries
                    ).run()
                }
                await Waves(world: world, probe: probe, faults: faults, kills: plan.kills).run()
                faultsOver.set()
            }
            try await cluster.start()
            // What is said in peace.
            try await Task.sleep(for: .seconds(1))
            world.over.set()
            await lives
            await findings.noting("deliveries") { try await deliveries.check(findings) }
            await database.close()
            silence.set()
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func check(_ users: [Client], _ world: World, _ probe: Probe, _ witnesses: [Witness]) async throws {
        let contents = ledger.all
        var dice = Dice(seed: plan.seed, of: "checks"), truths: [Truth] = [], late = 0
        var rooms = world.rooms.map { (id: $0.id, owner: users[$0.owner], members: users) }
        rooms += [probe.room, probe.flood].map { (id: $0, owner: probe.client, members: [probe.client]) }
        for (room, made) in contents.rooms.sorted(by: { $0.key < $1.key }) {
            guard let owner = users.first(where: { $0.userID == made.creator }) else { continue }
            rooms.append((id: room, owner: owner, members: [owner]))
        }
        var witnesses = witnesses
        for index in witnesses.indices {
            // Nothing happens any more: two that bring nothing new have seen all.
            for _ in 0..<2 { await findings.noting("a last sync") { try await witnesses[index].sync(timeoutMS: 0) } }
        }
        for room in rooms {
            let address = try cluster.url(.syncapi)
            let events = try await Paging(world: world, client: room.owner, address: address).backward(room.id, by: &dice)
            let truth = Truth(room.id, events: events.reversed())
            truths.append(truth)
            var acknowledged = Acknowledged(truth, contents, findings)
            acknowledged.check()
            late += acknowledged.late
            let everybody = Everybody(world: world, truth: truth, members: room.members)
            try await everybody.readMessages()
            try await RoomStates(world: world, truth: truth, owner: room.owner).check()
            for witness in witnesses where room.members.contains(where: { $0.userID == witness.client.userID }) {
                let isOwner = room.owner.userID == witness.client.userID
                everybody.compare(witness, wasAlwaysThere: isOwner || world.halls.contains { $0.id == room.id })
            }
        }
        for user in users { try await FreshSyncs(world: world, client: user, truths: truths).check() }
        try await Belongings(world: world, users: users, truths: truths).check()
        say("compared \(truths.count) rooms with \(truths.reduce(0) { $0 + $1.ids.count }) events; late tries that came true: \(late)")
    }

    private func report(_ warnings: Tally, _ witnesses: [Witness]) {
        let contents = ledger.all
        say("acknowledged: \(contents.tally.text)")
        say("answers to tries: \(contents.tries.text); syncs: \(witnesses.reduce(0) { $0 + $1.syncs })")
        say("time to recover, other faults going on (bound \(Probe.bound.text)):")
        for line in faults.recoveryText { say("  \(line)") }
        say("warnings in logs:")
        for (text, count) in warnings.counts.sorted(by: { $0.value > $1.value }).prefix(25) { say("  \(count) × \(text)") }
    }

    /// Everything that was written down, in a folder that stays.
    func keepLogs(in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(atPath: cluster.folder.path)
        where [".log", ".yaml", ".conf"].contains(where: file.hasSuffix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
            try FileManager.default.copyItem(atPath: "\(cluster.folder.path)/\(file)", toPath: "\(folder)/\(file)")
        }
        try Data(cluster.nats.log.utf8).write(to: URL(fileURLWithPath: "\(folder)/nats.log"))
        try Data(cluster.postgres.log.utf8).write(to: URL(fileURLWithPath: "\(folder)/postgres.log"))
        try Data(findings.all.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/findings"))
    }

    var findingCount: Int { findings.count }
}
