import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_ call: AuthenticatePassword) async throws -> AuthenticatePassword.Reply {
        let account =
            if let threePID = call.threePID { try await account(reachedAt: threePID.canonical) } else {
                try await account(named: call.user)
            }
        guard try await passwords.verify(call.password, against: account?.passwordHash), let account else {
            throw MatrixError.forbidden("The username or password is wrong")
        }
        if account.isDeactivated { throw MatrixError.userDeactivated() }
        if account.isLocked { throw MatrixError.userLocked() }
        return AuthenticatePassword.Reply(userID: account.userID)
    }

    public func call(_ call: SetPassword) async throws -> Done {
        let hash = try await passwords.hash(call.password)
        let gone = try await database.transaction { tx in
            if let validation = call.validation, try !ValidationTable.spend(validation, for: .owning, in: tx) { throw notValidated }
            guard try AccountTable.setPasswordHash(hash, of: call.userID, in: tx) else {
                throw MatrixError.notFound("No such user")
            }
            return call.logoutDevices ? try DeviceTable.deleteAll(of: call.userID, except: call.keptDeviceID, in: tx) : []
        }
        if !gone.isEmpty { await tell(devicesGone: gone, of: call.userID) }
        return Done()
    }

    /// The account that somebody means who logs in: by a localpart or a full user ID, whose capitals may be forgiven.
    private func account(named user: String) async throws -> AccountTable.Account? {
        let userID = user.hasPrefix("@") ? user : "@\(user):\(config.serverName)"
        guard let parsed = UserID(userID), parsed.server == config.serverName, !userID.utf8.contains(0) else { return nil }
        return try await database.read { tx in
            try AccountTable.account(userID, in: tx) ?? AccountTable.account(userID.lowercased(), in: tx)
        }
    }
}
