import Matrix
import Setup
import Surroundings
import TestSupport
import Web

/// A request that is made until it has an answer: to be done, or a definite no.
struct Asking: Sendable {
    let world: World
    let client: Client

    /// How long a client waits for one answer, and for any at all.
    private static let patience = Duration.seconds(5)
    private static let longest = Duration.seconds(120)

    struct Outcome: Sendable {
        var answer: Answer
        var body: [UInt8]
        /// How many tries before have an unknown fate.
        var unknownTries: Int
        var isDone: Bool { answer.status == 200 }
    }

    /// Throws only when nobody answered for very long.
    func callAsFunction(
        _ method: Web.Method, _ path: String, _ body: JSON? = nil, bytes: [UInt8]? = nil, of component: ComponentName = .clientapi,
        timeout: Duration = patience, by dice: inout Dice
    ) async throws -> Outcome {
        let bytes = bytes ?? body?.serialized()
        var unknown = 0, last = ""
        let deadline = ContinuousClock.now + Self.longest
        while ContinuousClock.now < deadline {
            let address = world.address(component, by: &dice)
            do {
                let reply = try await client.at(address).reply(to: method, path, body: bytes, timeout: timeout)
                let answer = Answer(status: reply.status, body: reply.body)
                world.ledger.countTry("\(reply.status)")
                last = "\(answer)"
                switch reply.status {
                case 429: break
                case 500:
                    world.findings.note("\(method) \(path) at \(address) failed: \(answer)")
                    unknown += 1
                case 502, 503, 504: unknown += 1
                default: return Outcome(answer: answer, body: reply.body, unknownTries: unknown)
                }
            } catch HTTPClient.Failure.unreachable(let reason) {
                world.ledger.countTry("unreachable")
                last = reason
            } catch let failure as HTTPClient.Failure {
                world.ledger.countTry("broken off")
                unknown += 1
                last = "\(failure)"
            }
            try await Task.sleep(for: dice.milliseconds(30...200))
        }
        throw TestFailure("\(client.userID) had no answer to \(method) \(path) in \(Self.longest.text); at last: \(last)")
    }
}
