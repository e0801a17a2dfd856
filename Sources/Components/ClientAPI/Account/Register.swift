import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`POST /register`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3register)
    func register(_ request: Request) async throws -> Response {
        switch request.query.first("kind") ?? "user" {
        case "user": try await registerUser(request)
        case "guest": try await registerGuest(request)
        default: throw MatrixError.invalidParam("kind is neither user nor guest")
        }
    }

    /// The same session asked for twice registers once, and answers alike.
    private func registerUser(_ request: Request) async throws -> Response {
        if config.registrationDisabled { throw MatrixError.forbidden("Registration is disabled") }
        let body = try request.object()
        // With authentication it is the registration itself that refuses a name.
        if body["auth"] == nil, let username = try self.username(in: body) {
            let guestToken = try body.optionalString("guest_access_token")
            _ = try await users.call(QueryAccountAvailability(localpart: username, guestToken: guestToken))
        }
        let authentication = InteractiveAuthentication(
            operation: "POST /register", userID: nil, flows: registrationFlows, captcha: captcha,
            address: request.remoteAddress, users: users)
        switch try await authentication.check(body) {
        case .needed(let response): return response
        case .passed(let passed): return try await register(request, passed)
        }
    }

    /// A token and a captcha where they are required, then an address where somebody gives one.
    var registrationFlows: [[AuthenticationStage]] {
        var asked: [AuthenticationStage] = config.registrationRequiresToken ? [.registrationToken] : []
        if config.captcha?.isRequired == true { asked.append(.recaptcha) }
        let plain = asked.isEmpty ? [.dummy] : asked
        return config.takesEmail ? [plain, asked + [.email]] : [plain]
    }

    private func register(_ request: Request, _ passed: InteractiveAuthentication.Passed) async throws -> Response {
        let parameters = passed.parameters
        let tokens = passed.session.map(DeviceTokens.forRegistration) ?? .random()
        let inhibitsLogin = try parameters.optionalBool("inhibit_login") ?? false
        let registered = try await users.call(
            RegisterAccount(
                localpart: try username(in: parameters), password: try parameters.string("password"), kind: .user,
                isAdmin: false, device: inhibitsLogin ? nil : try request.newDevice(tokens, parameters),
                key: passed.session ?? tokens.access, validation: passed.validation,
                registrationToken: passed.registrationToken,
                guestToken: try parameters.optionalString("guest_access_token")))
        return self.registered(registered, tokens)
    }

    /// [Guest access](https://spec.matrix.org/v1.19/client-server-api/#guest-access)
    private func registerGuest(_ request: Request) async throws -> Response {
        if config.guestsDisabled || config.registrationDisabled { throw MatrixError.forbidden("Guests are not admitted") }
        let tokens = DeviceTokens.random()
        let name = try request.objectOrNothing().filter { key, _ in key == "initial_device_display_name" }
        let registered = try await users.call(
            RegisterAccount(
                localpart: nil, password: nil, kind: .guest, isAdmin: false, device: try request.newDevice(tokens, name)))
        return self.registered(registered, tokens)
    }

    private func registered(_ reply: RegisterAccount.Reply, _ tokens: DeviceTokens) -> Response {
        if let deviceID = reply.deviceID {
            return loggedIn(reply.userID, tokens, deviceID: deviceID, expiresInMS: reply.expiresInMS)
        }
        let body: JSONObject = ["user_id": .string(reply.userID), "home_server": .string(config.serverName)]
        return .object(body)
    }

    /// Capitals are forgiven; none at all is as if nothing had been asked for.
    private func username(in parameters: JSONObject) throws -> String? {
        guard let name = try parameters.optionalString("username"), !name.isEmpty else { return nil }
        return name.lowercased()
    }
}
