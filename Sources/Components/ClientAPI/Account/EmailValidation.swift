import Contracts
import Foundation
import Matrix
import Web

/// Mails by which people show that an address is theirs, and the links in them.
extension ClientAPI {
    /// [`POST /register/email/requestToken`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registeremailrequesttoken)
    func requestRegistrationToken(_ request: Request) async throws -> Response {
        if config.registrationDisabled { throw MatrixError.forbidden("Registration is disabled") }
        return try await requestToken(request, for: .registration)
    }

    /// [`POST /account/3pid/email/requestToken`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidemailrequesttoken)
    func requestThreePIDToken(_ request: Request) async throws -> Response { try await requestToken(request, for: .adding) }

    /// [`POST /account/password/email/requestToken`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpasswordemailrequesttoken)
    func requestPasswordToken(_ request: Request) async throws -> Response { try await requestToken(request, for: .owning) }

    private func requestToken(_ request: Request, for purpose: ValidationPurpose) async throws -> Response {
        let body = try request.object()
        guard config.takesEmail else { throw refusal(of: "addresses of e-mail", purpose) }
        guard let sendAttempt = body["send_attempt"] else { throw MatrixError.missingParam("Missing send_attempt") }
        guard let sendAttempt = sendAttempt.integer else { throw MatrixError.badJSON("send_attempt is not an integer") }
        let reply = try await users.call(
            RequestEmailValidation(
                email: try body.string("email"), clientSecret: try body.string("client_secret"), sendAttempt: sendAttempt,
                purpose: purpose, nextLink: try nextLink(in: body)))
        return .object(["sid": .string(reply.sid)])
    }

    /// Short messages are not sent: for registration, `POST /register/msisdn/requestToken`.
    func refuseRegistrationNumber(_: Request) async throws -> Response { throw refusal(of: "telephone numbers", .registration) }

    /// The same for `POST /account/3pid/msisdn/requestToken`.
    func refuseNumber(_: Request) async throws -> Response { throw refusal(of: "telephone numbers", .adding) }

    /// The same for `POST /account/password/msisdn/requestToken`.
    func refusePasswordNumber(_: Request) async throws -> Response { throw refusal(of: "telephone numbers", .owning) }

    private func refusal(of what: String, _ purpose: ValidationPurpose) -> MatrixError {
        purpose == .adding
            ? .threepidMediumNotSupported("This server takes no \(what)") : .threepidDenied("This server takes no \(what)")
    }

    /// What a link in a mail opens, in a browser. It is not the specification's: that leaves the link to the server.
    func submitEmailToken(_ request: Request) async throws -> Response {
        let call = SubmitValidationToken(sid: try request.query.require("sid"), token: try request.query.require("token"))
        do {
            guard let nextLink = try await users.call(call).nextLink else {
                return .page("Your address is confirmed", "<p>Go back to where you were asked for it.</p>")
            }
            return .redirect(to: nextLink, status: 302).unseen()
        } catch let error as MatrixError where error.errcode == "M_THREEPID_AUTH_FAILED" {
            return .page("This link does not work, or no longer", "<p>Ask for another mail.</p>", status: 400)
        }
    }

    /// What the link opens by which an account is taken back: programs that look at mails open links too, and must not say yes.
    func confirmEmailToken(_ request: Request) async throws -> Response {
        _ = (try request.query.require("sid"), try request.query.require("token"))
        return .page(
            "A new password",
            """
            <p>Did you ask for a new password for your account on \(escaped(config.serverName))?</p>
            <form method="post"><button>Yes, it was me</button></form>
            """)
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
