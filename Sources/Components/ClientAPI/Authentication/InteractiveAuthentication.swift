import Contracts
import Matrix
import Web

/// Has the caller prove something before an operation goes ahead, over as many requests as that takes, on any replica.
/// [User-interactive authentication](https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api)
struct InteractiveAuthentication: Sendable {
    /// What there is to prove. Every flow of ours has one stage.
    enum Stage: String {
        /// Nothing.
        case dummy = "m.login.dummy"
        case password = "m.login.password"
    }

    enum Outcome {
        case passed(Passed)
        /// Not yet: this tells the client what is missing.
        case needed(Response)
    }

    struct Passed {
        /// The request's parameters, and those of the session's first request which it left out.
        var parameters: JSONObject
        var session: String?
    }

    /// The method and path of what is asked for; a session is good for nothing else.
    var operation: String
    /// Whose request it is; nobody's yet for a registration.
    var userID: String?
    var stage: Stage
    let users: any UserAPI

    func check(_ body: JSONObject) async throws -> Outcome {
        let auth = body["auth"]?.object
        let given = body.filter { key, _ in key != "auth" }
        guard let session = auth?["session"]?.string else { return try await check(auth, of: nil, given) }
        let state = try await users.call(QueryAuthentication(session: session))
        guard state.operation == operation, state.userID == userID else {
            throw MatrixError.forbidden("The session was begun for something else")
        }
        let parameters = (state.parameters.object ?? [:]).merging(given)
        if state.completed.contains(stage.rawValue) { return .passed(Passed(parameters: parameters, session: session)) }
        return try await check(auth, of: session, parameters)
    }

    private func check(_ auth: JSONObject?, of session: String?, _ parameters: JSONObject) async throws -> Outcome {
        guard let auth, let type = auth["type"]?.string else { return .needed(try await needed(session, parameters, nil)) }
        guard type == stage.rawValue else {
            return .needed(try await needed(session, parameters, .unrecognized(status: 401)))
        }
        if stage == .password, let refusal = try await refusalOfPassword(auth) {
            return .needed(try await needed(session, parameters, refusal))
        }
        if let session { _ = try await users.call(CompleteAuthenticationStage(session: session, stage: stage.rawValue)) }
        return .passed(Passed(parameters: parameters, session: session))
    }

    /// Why the password does not do; somebody else's does not at all.
    private func refusalOfPassword(_ auth: JSONObject) async throws -> MatrixError? {
        guard let password = auth["password"]?.string else { throw MatrixError.missingParam("Missing auth.password") }
        let user = try UserIdentifier.user(in: auth)
        do {
            let owner = try await users.call(AuthenticatePassword(user: user, password: password))
            guard owner.userID == userID else { throw MatrixError.forbidden("This is another user's password") }
            return nil
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            // Whether a user exists is not told; but that it is another one is known to whoever asks.
            guard try isCaller(user) else { throw error }
            return error
        }
    }

    private func isCaller(_ user: String) throws -> Bool {
        guard let userID, let caller = UserID(userID) else { return false }
        return user == userID || user == caller.localpart
    }

    private func needed(_ session: String?, _ parameters: JSONObject, _ error: MatrixError?) async throws -> Response {
        var open = session
        if open == nil {
            open = try await users.call(
                StartAuthentication(operation: operation, userID: userID, parameters: RawJSON(parameters))
            ).session
        }
        var body: JSONObject = [
            "flows": [["stages": [.string(stage.rawValue)]]], "params": [:], "completed": [], "session": .string(open ?? ""),
        ]
        if let error { body = body.merging(error.body) }
        return .object(body, status: 401)
    }
}
