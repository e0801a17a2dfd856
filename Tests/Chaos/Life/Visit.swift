import Matrix
import Setup
import Surroundings

/// A second device of a user: logged in, used, logged out, and then known to nobody.
struct Visit: Sendable {
    let name: String
    let world: World

    /// How long after logging out a token may still be believed; and a second for a machine that has much to do.
    private static let grace = Duration.seconds(6)
    private static let whoami = "/_matrix/client/v3/account/whoami"

    func make(_ dice: inout Dice) async throws {
        let nobody = Asking(world: world, client: Client(url: world.cluster.url))
        let login = try await nobody(.post, "/_matrix/client/v3/login", Client.login(name), by: &dice)
        guard login.isDone else { return world.findings.note("\(name) may not log in: \(login.answer)") }
        let client = try Client(url: world.cluster.url).loggedIn(by: login.answer.json)
        let ask = Asking(world: world, client: client)
        for _ in 0..<3 {
            let known = try await ask(.get, Self.whoami, by: &dice)
            if known.answer.json["user_id"]?.string != client.userID {
                world.findings.note("the new token of \(name) was answered with \(known.answer)")
            }
        }
        let logout = try await ask(.post, "/_matrix/client/v3/logout", [:], by: &dice)
        // Of an answer that was lost, the next is that the token has gone.
        guard logout.isDone || (logout.unknownTries > 0 && logout.answer.status == 401) else {
            return world.findings.note("\(name) may not log out: \(logout.answer)")
        }
        try await Task.sleep(for: Self.grace)
        for _ in 0..<3 {
            let gone = try await ask(.get, Self.whoami, by: &dice)
            if gone.answer.errcode != "M_UNKNOWN_TOKEN" {
                world.findings.note("the old token of \(name) was answered with \(gone.answer)")
            }
        }
        world.ledger.count("devices logged in and out")
    }
}
