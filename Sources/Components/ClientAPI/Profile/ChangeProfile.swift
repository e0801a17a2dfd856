import Contracts
import Matrix
import Web

extension ClientAPI {
    /// `PUT /profile/{userId}/{keyName}` ([profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles))
    func setProfileField(_ request: Request) async throws -> Response {
        let userID = try ownUserID(request)
        let field = try ProfileField(try request.parameters["keyName"])
        guard let value = try request.object()[field.name] else { throw MatrixError.missingParam("Missing \(field.name)") }
        try field.check(value)
        _ = try await users.call(SetProfileField(userID: userID, field: field.name, value: RawJSON(value)))
        return .empty
    }

    /// `DELETE /profile/{userId}/{keyName}` ([profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles))
    func deleteProfileField(_ request: Request) async throws -> Response {
        let userID = try ownUserID(request)
        let field = try ProfileField(try request.parameters["keyName"])
        _ = try await users.call(SetProfileField(userID: userID, field: field.name, value: nil))
        return .empty
    }

    /// The caller, who must be the user that the path names.
    func ownUserID(_ request: Request) throws -> String {
        let caller = try request.requireCaller()
        guard try request.parameters["userId"] == caller.userID else {
            throw MatrixError.forbidden("This belongs to another user")
        }
        return caller.userID
    }
}
