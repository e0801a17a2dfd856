import Contracts
import Delivery
import Logging
import SQL

/// Has changed names and pictures carried into their users' rooms, in the background: what is to be done is claimed with
/// the change itself, so that whichever process dies, another goes on.
struct ProfileCarrying: Sendable {
    static let claims = Claims(prefix: "userapi_profiles")
    /// What members show of their profile.
    static let fields: Set = ["displayname", "avatar_url"]

    let worker: ClaimWorker

    init(database: Database, roomserver: any RoomserverAPI, logger: Logger) {
        var options = ClaimWorker.Options()
        options.pollInterval = .seconds(5)
        worker = ClaimWorker(claims: Self.claims, database: database, options: options, logger: logger) { claim in
            let userID = claim.piece
            let found = try await database.read { tx in
                (try ProfileTable.profile(of: userID, in: tx), try AccountTable.kind(of: userID, in: tx))
            }
            guard let stored = found.0, let kind = found.1 else { return .done }
            var after: Int64?
            repeat {
                after = try await roomserver.call(
                    CarryProfile(
                        userID: userID, displayName: stored["displayname"]?.string, avatarURL: stored["avatar_url"]?.string,
                        after: after, isGuest: kind == .guest)
                ).next
            } while after != nil
            return .done
        }
    }
}
