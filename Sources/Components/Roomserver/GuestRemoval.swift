import Delivery
import Logging
import Matrix
import RoomRules
import SQL

/// Makes guests leave the rooms that are no longer open to them, in the background: the change of the room claims it.
/// [Guest access](https://spec.matrix.org/v1.19/client-server-api/#guest-access)
struct GuestRemoval: Sendable {
    static let claims = Claims(prefix: "roomserver_guests")
    /// How many leave in one transaction.
    private static let batch = 100
    private static let claimed: Duration = .seconds(30)

    /// Told of what is committed here, but for what this itself waits for.
    let commits: RoomCommits

    func worker(database: Database, logger: Logger) -> ClaimWorker {
        var options = ClaimWorker.Options()
        options.duration = Self.claimed
        options.pollInterval = .seconds(5)
        return ClaimWorker(claims: Self.claims, database: database, options: options, logger: logger) { claim in
            var last: String? = ""
            while let after = last { last = try await removeSome(in: claim, after: after) }
            return .done
        }
    }

    /// Makes the next guests leave, and returns the last of them; nil: there were no more.
    private func removeSome(in claim: Claim, after: String) async throws -> String? {
        let author = commits.config.author, writer = commits.writer
        let (last, changes, told) = try await commits.storage.write { tx -> (String?, [RoomChange], [OutboxEntry]) in
            guard let room = try RoomTable.lock(claim.piece, tx) else { return (nil, [], []) }
            try Self.claims.renew(claim, for: Self.claimed, in: tx)
            var edit = RoomEdit(room, StateView(of: room, known: [:], tx), author: author, tx)
            if try edit.state("m.room.guest_access")?.letsGuestsIn == true { return (nil, [], []) }
            let guests = try MembershipTable.guests(in: room.nid, after: after, limit: Self.batch, tx)
            try edit.loadState(guests.map { StateKey("m.room.member", $0) })
            for guest in guests where author.isLocal(guest) {
                var attempt = edit
                do {
                    _ = try attempt.add(
                        CheckedDraft(type: "m.room.member", stateKey: guest, sender: guest, content: ["membership": "leave"]))
                } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
                    continue
                }
                edit = attempt
            }
            var changes = [try edit.change]
            let told = try writer.write(&changes, numbers: EventTable.takeNumbers(guests.count, tx), tx)
            return (guests.last, changes, told)
        }
        commits.committed(changes, told)
        return last
    }
}
