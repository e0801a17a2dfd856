import Contracts
import Matrix

/// Has somebody show that they read what is sent to an address.
/// [Email-based](https://spec.matrix.org/v1.19/client-server-api/#email-based-identity--homeserver)
struct EmailStage: Sendable {
    var purpose: ValidationPurpose
    let users: any UserAPI

    func result(_ auth: JSONObject) async throws -> AuthenticationStage.Result {
        guard let credentials = auth["threepid_creds"]?.object else {
            throw MatrixError.missingParam("Missing auth.threepid_creds")
        }
        let sid = try credentials.string("sid")
        do {
            _ = try await users.call(
                QueryValidation(sid: sid, clientSecret: try credentials.string("client_secret"), purpose: purpose))
            return .passed(validation: sid)
        } catch let error as MatrixError where error.errcode == "M_THREEPID_AUTH_FAILED" {
            return .refused(error)
        }
    }
}
