import Contracts
import Matrix

/// Has a user show their password once more.
/// [Password-based](https://spec.matrix.org/v1.19/client-server-api/#password-based)
struct PasswordStage: Sendable {
    var userID: String?
    let users: any UserAPI

    /// Somebody else's password does not do at all.
    func result(_ auth: JSONObject) async throws -> AuthenticationStage.Result {
        guard let password = auth["password"]?.string else { throw MatrixError.missingParam("Missing auth.password") }
        let threePID = try UserIdentifier.threePID(in: auth)
        let user = try threePID == nil ? UserIdentifier.user(in: auth) : ""
        do {
            let owner = try await users.call(AuthenticatePassword(user: user, password: password, threePID: threePID))
            guard owner.userID == userID else { throw MatrixError.forbidden("This is another user's password") }
            return .passed()
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            // Whether a user exists is not told; but that it is another one is known to whoever asks.
            guard isCaller(user) else { throw error }
            return .refused(error)
        }
    }

    private func isCaller(_ user: String) -> Bool {
        guard let userID, let caller = UserID(userID) else { return false }
        return user == userID || user == caller.localpart
    }
}
