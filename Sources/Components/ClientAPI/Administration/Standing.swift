import Contracts
import Matrix
import Web

/// How administrators restrain accounts.
/// [Server administration](https://spec.matrix.org/v1.19/client-server-api/#server-administration)
extension ClientAPI {
    /// `GET /v1/admin/suspend/{userId}`
    func suspension(_ request: Request) async throws -> Response {
        .object(["suspended": .bool(try await standing(request).isSuspended)])
    }

    /// `PUT /v1/admin/suspend/{userId}`
    func suspend(_ request: Request) async throws -> Response {
        try await setStanding(request, "suspended") { $0.isSuspended = $1 }
    }

    /// `GET /v1/admin/lock/{userId}`
    func lock(_ request: Request) async throws -> Response {
        .object(["locked": .bool(try await standing(request).isLocked)])
    }

    /// `PUT /v1/admin/lock/{userId}`
    func setLock(_ request: Request) async throws -> Response {
        try await setStanding(request, "locked") { $0.isLocked = $1 }
    }

    /// How the account that the path names stands, which is no other administrator's.
    private func standing(_ request: Request) async throws -> QueryAccountStanding.Reply {
        let caller = try request.requireCaller(), userID = try localUser(request)
        let standing = try await users.call(QueryAccountStanding(userID: userID))
        guard !standing.isAdmin || userID == caller.userID else {
            throw MatrixError.forbidden("The user is another administrator")
        }
        return standing
    }

    private func setStanding(
        _ request: Request, _ key: String, _ set: (inout SetAccountStanding, Bool) -> Void
    ) async throws -> Response {
        let body = try request.object()
        guard let value = try body.optionalBool(key) else { throw MatrixError.missingParam("Missing \(key)") }
        _ = try await standing(request)
        let userID = try localUser(request)
        guard try request.requireCaller().userID != userID else {
            throw MatrixError.forbidden("Nobody may restrain their own account")
        }
        var change = SetAccountStanding(userID: userID)
        set(&change, value)
        _ = try await users.call(change)
        return .object([key: .bool(value)])
    }
}
