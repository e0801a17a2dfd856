import Contracts
import Foundation
import Matrix
import Web

extension ClientAPI {
    /// [`POST /register/email/requestToken`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registeremailrequesttoken)
    func requestRegistrationToken(_ request: Request) async throws -> Response {
        if config.registrationDisabled { throw MatrixError.forbidden("Registration is disabled") }
        let body = try request.object()
        guard let sendAttempt = body["send_attempt"] else { throw MatrixError.missingParam("Missing send_attempt") }
        guard let sendAttempt = sendAttempt.integer else { throw MatrixError.badJSON("send_attempt is not an integer") }
        let reply = try await users.call(
            RequestEmailValidation(
                email: try body.string("email"), clientSecret: try body.string("client_secret"), sendAttempt: sendAttempt,
                purpose: .registration, nextLink: try nextLink(in: body)))
        return .object(["sid": .string(reply.sid)])
    }

    /// What a link in a mail opens, in a browser. It is not the specification's: that leaves the link to the server.
    func submitEmailToken(_ request: Request) async throws -> Response {
        let call = SubmitValidationToken(sid: try request.query.require("sid"), token: try request.query.require("token"))
        var response: Response
        do {
            let nextLink = try await users.call(call).nextLink
            response =
                nextLink.map { .redirect(to: $0, status: 302) }
                ?? .text("Your address is confirmed. Go back to where you were registering.\n")
        } catch let error as MatrixError where error.errcode == "M_THREEPID_AUTH_FAILED" {
            response = .text("This link does not work, or no longer. Ask for another mail.\n", status: 400)
        }
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    /// Where a browser is sent afterwards: a page of the web, and nothing that could be anything else.
    private func nextLink(in body: JSONObject) throws -> String? {
        guard let link = try body.optionalString("next_link") else { return nil }
        guard link.utf8.count <= 2000, link.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let url = URL(string: link),
            ["http", "https"].contains(url.scheme?.lowercased()), url.host?.isEmpty == false
        else { throw MatrixError.invalidParam("next_link is no http or https URL") }
        return link
    }
}
