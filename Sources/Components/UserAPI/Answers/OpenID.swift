import Contracts
import Matrix

extension UserServer {
    /// More than these nobody needs at once.
    private static let mostOpenIDTokens: Int64 = 1000

    public func call(_ call: CreateOpenIDToken) async throws -> CreateOpenIDToken.Reply {
        let hash = Secret.hash(call.token), lastingMS = config.openIDTokenLifetimeMS
        try await database.transaction { tx in
            guard try TokenTable.openID.count(of: call.userID, in: tx) < Self.mostOpenIDTokens else {
                throw MatrixError.limitExceeded(retryAfterMS: 60_000)
            }
            try TokenTable.openID.insert(hash, of: call.userID, lastingMS: lastingMS, in: tx)
        }
        return CreateOpenIDToken.Reply(expiresInMS: lastingMS)
    }

    public func call(_ call: QueryOpenIDToken) async throws -> QueryOpenIDToken.Reply {
        let hash = Secret.hash(call.token)
        guard let owner = try await database.query({ try TokenTable.openID.owner(of: hash, in: $0) }) else {
            throw MatrixError.unknownToken()
        }
        return QueryOpenIDToken.Reply(userID: owner)
    }
}
