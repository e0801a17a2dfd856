import Contracts
import Matrix
import Web

/// Has the caller prove something before an operation goes ahead, over as many requests as that takes, on any replica.
/// [User-interactive authentication](https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api)
struct InteractiveAuthentication: Sendable {
    enum Outcome {
        case passed(Passed)
        /// Not yet: this tells the client what is missing.
        case needed(Response)
    }

    struct Passed {
        /// The request's parameters, and those of the session's first request which it left out.
        var parameters: JSONObject
        var session: String?
        /// The validation (its `sid`) of the address that was proved, where one was.
        var validation: String?
        /// The registration token that was shown, where one was.
        var registrationToken: String?
    }

    /// The method and path of what is asked for; a session is good for nothing else.
    var operation: String
    /// Whose request it is; nobody's yet for a registration.
    var userID: String?
    /// The ways through: every stage of one of them.
    var flows: [[AuthenticationStage]]
    /// Also passed where no flow asks for it.
    var captcha: Captcha?
    /// Where the request is from.
    var address: String?
    /// What an address of e-mail is proved for.
    var emailPurpose: ValidationPurpose
    /// Whether what was proved does not do for a second time, so that each needs the user's consent.
    var isForOnce: Bool
    let users: any UserAPI

    init(
        operation: String, userID: String?, flows: [[AuthenticationStage]], captcha: Captcha? = nil, address: String? = nil,
        emailPurpose: ValidationPurpose = .registration, isForOnce: Bool = false, users: any UserAPI
    ) {
        self.operation = operation
        self.userID = userID
        self.flows = flows
        self.captcha = captcha
        self.address = address
        self.emailPurpose = emailPurpose
        self.isForOnce = isForOnce
        self.users = users
    }

    /// How far somebody has come.
    private struct Progress {
        var session: String?
        var completed: [String] = []
        var validation: String?
        var registrationToken: String?
        var parameters: JSONObject
    }

    func check(_ body: JSONObject) async throws -> Outcome {
        let auth = body["auth"]?.object
        var progress = Progress(parameters: body.filter { key, _ in key != "auth" })
        if let session = auth?["session"]?.string {
            let state = try await users.call(QueryAuthentication(session: session))
            guard state.operation == operation, state.userID == userID else {
                throw MatrixError.forbidden("The session was begun for something else")
            }
            progress = Progress(
                session: session, completed: state.completed, validation: state.validation,
                registrationToken: state.registrationToken,
                parameters: (state.parameters.object ?? [:]).merging(progress.parameters))
        }
        if isThrough(progress) { return try await passed(progress) }
        guard let auth, let type = auth["type"]?.string else { return try await needed(progress, nil) }
        guard let stage = AuthenticationStage(rawValue: type), isTaken(stage) else {
            return try await needed(progress, .unrecognized(status: 401))
        }
        return try await attempt(stage, auth, progress)
    }

    /// A stage done before is not done again: what was shown then may be good only once.
    private func attempt(_ stage: AuthenticationStage, _ auth: JSONObject, _ before: Progress) async throws -> Outcome {
        guard !before.completed.contains(stage.rawValue) else { return try await needed(before, nil) }
        var progress = before
        switch try await result(of: stage, auth) {
        case .refused(let error): return try await needed(progress, error)
        case .passed(let validation, let registrationToken):
            progress.validation = validation ?? progress.validation
            progress.registrationToken = registrationToken ?? progress.registrationToken
        }
        progress.completed.append(stage.rawValue)
        let isThrough = isThrough(progress)
        if !isThrough { progress.session = try await session(of: progress) }
        if let session = progress.session {
            _ = try await users.call(
                CompleteAuthenticationStage(
                    session: session, stage: stage.rawValue, validation: progress.validation,
                    registrationToken: progress.registrationToken))
        }
        return try await isThrough ? passed(progress) : needed(progress, nil)
    }

    private func result(of stage: AuthenticationStage, _ auth: JSONObject) async throws -> AuthenticationStage.Result {
        switch stage {
        case .dummy: .passed()
        case .password: try await PasswordStage(userID: userID, users: users).result(auth)
        case .recaptcha: try await captcha?.result(auth, from: address) ?? .refused(.unrecognized(status: 401))
        case .registrationToken: try await RegistrationTokenStage(users: users).result(auth)
        case .email: try await EmailStage(purpose: emailPurpose, users: users).result(auth)
        }
    }

    private func isTaken(_ stage: AuthenticationStage) -> Bool {
        flows.contains { $0.contains(stage) } || (stage == .recaptcha && captcha != nil)
    }

    private func isThrough(_ progress: Progress) -> Bool {
        flows.contains { $0.allSatisfy { progress.completed.contains($0.rawValue) } }
    }

    private func passed(_ progress: Progress) async throws -> Outcome {
        if isForOnce, let session = progress.session { _ = try await users.call(EndAuthentication(session: session)) }
        return .passed(
            Passed(
                parameters: progress.parameters, session: progress.session, validation: progress.validation,
                registrationToken: progress.registrationToken))
    }

    private func session(of progress: Progress) async throws -> String {
        if let session = progress.session { return session }
        let start = StartAuthentication(operation: operation, userID: userID, parameters: RawJSON(progress.parameters))
        return try await users.call(start).session
    }

    private func needed(_ progress: Progress, _ error: MatrixError?) async throws -> Outcome {
        let stages = flows.map { JSON.object(["stages": .array($0.map { .string($0.rawValue) })]) }
        var params: JSONObject = [:]
        if let captcha, flows.contains(where: { $0.contains(.recaptcha) }) {
            params[AuthenticationStage.recaptcha.rawValue] = ["public_key": .string(captcha.publicKey)]
        }
        var body: JSONObject = [
            "flows": .array(stages), "params": .object(params), "completed": .array(progress.completed.map { .string($0) }),
            "session": .string(try await session(of: progress)),
        ]
        if let error { body = body.merging(error.body) }
        return .needed(.object(body, status: 401))
    }
}
