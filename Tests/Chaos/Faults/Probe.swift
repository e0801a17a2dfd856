import Setup
import Surroundings
import TestSupport

/// A ninth user, by whom it is seen whether the cluster serves: what is sent by nginx is shown by every syncapi.
struct Probe: Sendable {
    let world: World
    let client: Client
    /// Of the probes, and of what is sent to fill a stream.
    let room: String, flood: String
    let faults: FaultLog
    /// How long recovering may take, whatever else goes on meanwhile.
    static let bound = Duration.seconds(60)

    /// Measures how long it takes, from an instant on, until the cluster serves.
    func recovers(from fault: String, since: ContinuousClock.Instant) async {
        await world.findings.noting("after \(fault)") {
            let number = UInt32.random(in: 0 ... .max)
            let event = try await send("probe \(number)", to: room, transaction: "p\(number)", since: since)
            try await eventually("every syncapi shows what is sent", within: Self.bound - (.now - since), every: .milliseconds(50)) {
                for replica in world.arena.untouched(.syncapi) {
                    guard let url = replica.externalURL, try await shows(event, at: url) else { return false }
                }
                return true
            }
            faults.recovered(from: fault, in: .now - since)
        }
    }

    private func shows(_ event: String, at url: String) async throws -> Bool {
        let page = try? await client.at(url).ask(.get, Client.path(room, "messages?dir=b&limit=30"), timeout: .seconds(8))
        return page?.json["chunk"]?.array?.contains { $0["event_id"]?.string == event } ?? false
    }

    private func send(
        _ body: String, to room: String, transaction: String, since: ContinuousClock.Instant
    ) async throws -> String {
        var last = ""
        while .now - since < Self.bound {
            do {
                let answer = try await client.ask(
                    .put, Client.path(room, "send/m.room.message/\(transaction)"), ["msgtype": "m.text", "body": .string(body)],
                    timeout: .seconds(4))
                if answer.status == 200, let event = answer.json["event_id"]?.string {
                    world.ledger.record(
                        .init(
                            room: room, user: client.userID, kind: .message(body: body), eventID: event, unknownTries: 0,
                            isAcknowledged: true))
                    return event
                }
                last = "\(answer)"
            } catch { last = "\(error)" }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestFailure("nothing could be sent in \(Self.bound.text); at last: \(last)")
    }

    /// Sends more than a stream holds.
    func fill(_ bytes: Int) async {
        let filling = String(repeating: "chaos ", count: 4_000)
        let run = UInt32.random(in: 0 ... .max)
        await world.findings.noting("filling a stream") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0...bytes / filling.utf8.count {
                    if number >= 4 { try await group.next() }
                    group.addTask {
                        _ = try await send("\(run) \(number) \(filling)", to: flood, transaction: "f\(run)-\(number)", since: .now)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
