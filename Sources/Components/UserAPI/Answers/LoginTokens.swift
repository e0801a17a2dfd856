import Contracts
import Matrix

extension UserServer {
    /// More than these nobody needs at once.
    private static let mostLoginTokens: Int64 = 20

    public func call(_ call: CreateLoginToken) async throws -> CreateLoginToken.Reply {
        let hash = Secret.hash(call.token), lastingMS = config.loginTokenLifetimeMS
        try await database.transaction { tx in
            guard try AccountTable.lock(call.userID, in: tx) else { throw MatrixError.notFound("No such user") }
            guard try TokenTable.login.count(of: call.userID, in: tx) < Self.mostLoginTokens else {
                throw MatrixError.limitExceeded(retryAfterMS: lastingMS)
            }
            try TokenTable.login.insert(hash, of: call.userID, lastingMS: lastingMS, in: tx)
        }
        return CreateLoginToken.Reply(expiresInMS: lastingMS)
    }

    public func call(_ call: SpendLoginToken) async throws -> SpendLoginToken.Reply {
        let hash = Secret.hash(call.token)
        guard let owner = try await database.transaction({ try TokenTable.login.spend(hash, in: $0) }) else {
            throw MatrixError.forbidden("The login token is unknown, or was used, or is too old")
        }
        return SpendLoginToken.Reply(userID: owner)
    }
}
