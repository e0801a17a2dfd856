import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport

/// Whether users have, at every replica, what they had: their names, their rooms, their files.
struct Belongings: Sendable {
    let world: World
    let users: [Client]
    let truths: [Truth]

    func check() async throws {
        for replica in world.cluster.replicas[.clientapi] ?? [] {
            for user in users {
                let client = user.at(replica.externalURL ?? world.cluster.url)
                let answer = try await client.insist(.get, "/_matrix/client/v3/account/whoami")
                if answer["user_id"]?.string != user.userID { world.findings.note("the token of \(user.userID) belongs to \(answer)") }
                let rooms = try await client.insist(.get, "/_matrix/client/v3/joined_rooms")["joined_rooms"]?.array ?? []
                let expected = Set(truths.filter { $0.memberships[user.userID] == "join" }.map(\.room))
                let found = Set(rooms.compactMap(\.string))
                // A room whose making was never acknowledged may be there besides.
                if !expected.isSubset(of: found) {
                    world.findings.note("\(replica.process.name) says that \(user.userID) is not in \(expected.subtracting(found))")
                }
            }
        }
        try await files()
    }

    private func files() async throws {
        guard let user = users.first else { return }
        for replica in world.cluster.replicas[.mediaapi] ?? [] {
            let client = user.at(replica.externalURL ?? world.cluster.url)
            for upload in world.ledger.all.uploads {
                let path = "/_matrix/client/v1/media/download/\(upload.uri.dropFirst("mxc://".count))"
                let reply = try await client.reply(to: .get, path)
                if reply.status != 200 || reply.body != upload.bytes {
                    world.findings.note(
                        "\(upload.uri) at \(replica.process.name): \(reply.status), \(reply.body.count) bytes of \(upload.bytes.count)")
                }
            }
        }
    }
}
