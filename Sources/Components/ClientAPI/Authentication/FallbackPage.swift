import Contracts
import Matrix
import Web

/// Pages on which people pass a stage of user-interactive authentication whose client does not know it.
/// [Fallback](https://spec.matrix.org/v1.19/client-server-api/#fallback)
struct FallbackPage: Sendable {
    let captcha: Captcha?
    let users: any UserAPI

    /// `GET /auth/{authType}/fallback/web`
    func show(_ request: Request) async throws -> Response {
        let stage = try stage(of: request)
        _ = try await users.call(QueryAuthentication(session: try request.query.require("session")))
        return page(stage, problem: nil)
    }

    /// The page's form, sent: `POST /auth/{authType}/fallback/web`
    func submit(_ request: Request) async throws -> Response {
        let stage = try stage(of: request), session = try request.query.require("session")
        let state = try await users.call(QueryAuthentication(session: session))
        let form = Query(String(decoding: request.body, as: UTF8.self))
        switch try await result(stage, form, state, from: request.remoteAddress) {
        case .refused(let error): return page(stage, problem: error.error)
        case .passed(_, let registrationToken):
            _ = try await users.call(
                CompleteAuthenticationStage(session: session, stage: stage.rawValue, registrationToken: registrationToken))
            return Self.done
        }
    }

    /// What is proved by mail is proved by its link, and needs no page.
    private func stage(of request: Request) throws -> AuthenticationStage {
        guard let stage = AuthenticationStage(rawValue: try request.parameters["authType"]), stage != .email,
            stage != .recaptcha || captcha != nil
        else { throw MatrixError.notFound("There is no page for this") }
        return stage
    }

    private func result(
        _ stage: AuthenticationStage, _ form: Query, _ state: AuthenticationState, from address: String?
    ) async throws -> AuthenticationStage.Result {
        switch stage {
        case .dummy: return .passed()
        case .recaptcha:
            guard let captcha else { throw MatrixError.unrecognized() }
            return try await captcha.result(["response": .string(form["g-recaptcha-response"] ?? "")], from: address)
        case .registrationToken:
            return try await RegistrationTokenStage(users: users).result(["token": .string(form["token"] ?? "")])
        case .password: return try await password(form["password"] ?? "", of: state)
        case .email: throw MatrixError.unrecognized()
        }
    }

    private func password(_ password: String, of state: AuthenticationState) async throws -> AuthenticationStage.Result {
        guard let user = state.userID else { throw MatrixError.unrecognized() }
        do {
            _ = try await users.call(AuthenticatePassword(user: user, password: password))
            return .passed()
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            return .refused(.forbidden("This is not your password"))
        }
    }

    private func page(_ stage: AuthenticationStage, problem: String?) -> Response {
        let field =
            switch stage {
            case .password: #"<p><label>Your password: <input type="password" name="password" autofocus required></label></p>"#
            case .registrationToken: #"<p><label>Your registration token: <input name="token" autofocus required></label></p>"#
            case .recaptcha:
                #"<div class="g-recaptcha" data-sitekey="\#(escaped(captcha?.publicKey ?? ""))"></div>"#
                    + #"<script src="https://www.google.com/recaptcha/api.js" async defer></script>"#
            case .dummy, .email: ""
            }
        let why = problem.map { "<p role=\"alert\">\(escaped($0))</p>" } ?? ""
        return .page(
            "Authentication", "\(why)<form method=\"post\">\(field)<p><button>Continue</button></p></form>",
            policy: stage == .recaptcha ? Self.captchas : [])
    }

    private static let captchas = [
        "script-src https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
        "frame-src https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
        "connect-src https://www.google.com/recaptcha/",
    ]

    /// Tells the client that opened the page that it may go on.
    private static var done: Response {
        let nonce = AccessToken.random()
        return .page(
            "Thank you",
            """
            <p>You may close this window and go back to your client.</p>
            <script nonce="\(nonce)">
            if (window.onAuthDone) {
                window.onAuthDone();
            } else if (window.opener && window.opener.postMessage) {
                window.opener.postMessage("authDone", "*");
            }
            </script>
            """, policy: ["script-src 'nonce-\(nonce)'"])
    }
}
