import Contracts
import Matrix
import SQL

/// Makes the account of a guest that of a user, who keeps the name and the rooms.
/// [Guest access](https://spec.matrix.org/v1.19/client-server-api/#guest-access-for-rooms)
extension UserServer {
    /// Asked again with the same key, it answers as before.
    func upgrade(_ guestToken: String, by call: RegisterAccount) async throws -> RegisterAccount.Reply {
        let key = (call.key ?? call.device?.accessToken).map(Secret.hash)
        let before = try await database.read { tx -> String? in
            if let key, let before = try AccountTable.userID(registeredBy: key, in: tx) { return before }
            _ = try self.guest(withToken: guestToken, named: call.localpart, in: tx)
            return nil
        }
        if let before { return try await answer(before, device: call.device) }
        let passwordHash = try await call.password.asyncMap(passwords.hash)
        let userID = try await database.transaction { [self] tx in
            if let key, let before = try AccountTable.userID(registeredBy: key, in: tx) { return before }
            let userID = try guest(withToken: guestToken, named: call.localpart, in: tx)
            guard try AccountTable.upgrade(userID, passwordHash: passwordHash, key: key, in: tx) else { throw notTheGuest }
            try takeProofs(of: call, for: userID, in: tx)
            // Rooms in which they are marked as a guest are told.
            if carrying != nil { try ProfileCarrying.claims.add(userID, in: tx) }
            return userID
        }
        carrying?.worker.nudge()
        await tell(devicesGone: nil, of: userID)
        return try await answer(userID, device: call.device)
    }

    /// The guest whose access token it is. Errors: M_FORBIDDEN where that is nobody, no guest, or one of another name.
    func guest(withToken token: String, named localpart: String?, in tx: Transaction) throws -> String {
        guard let owner = try DeviceTable.owner(ofToken: Secret.hash(token), in: tx), owner.reply.kind == .guest,
            UserID(owner.userID)?.localpart == localpart
        else { throw notTheGuest }
        return owner.userID
    }
}

private let notTheGuest = MatrixError.forbidden("The access token is not that of the guest of this name")
