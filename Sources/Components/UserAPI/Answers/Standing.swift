import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_ call: QueryAccountStanding) async throws -> QueryAccountStanding.Reply {
        guard !call.userID.utf8.contains(0),
            let standing = try await database.read({ try AccountTable.standing(call.userID, in: $0) })
        else { throw MatrixError.notFound("User not found") }
        return standing
    }

    public func call(_ call: SetAccountStanding) async throws -> Done {
        guard !call.userID.utf8.contains(0) else { throw MatrixError.notFound("User not found") }
        let isThere = try await database.transaction { tx in
            try AccountTable.setStanding(call.userID, isSuspended: call.isSuspended, isLocked: call.isLocked, in: tx)
        }
        guard isThere else { throw MatrixError.notFound("User not found") }
        // The tokens are good as they were, but nobody is to go on believing how the account stood.
        await tell(devicesGone: nil, of: call.userID)
        return Done()
    }
}
