import InternalAPI

/// What the userapi does for other components: it owns the accounts, their devices, profiles and account data.
public protocol UserAPI: Sendable {
    // Accounts and passwords
    func call(_: RegisterAccount) async throws -> RegisterAccount.Reply
    func call(_: QueryAccountAvailability) async throws -> QueryAccountAvailability.Reply
    func call(_: AuthenticatePassword) async throws -> AuthenticatePassword.Reply
    func call(_: SetPassword) async throws -> SetPassword.Reply
    func call(_: CreateRegistrationNonce) async throws -> CreateRegistrationNonce.Reply
    func call(_: SpendRegistrationNonce) async throws -> SpendRegistrationNonce.Reply
    // Devices and access tokens
    func call(_: CreateDevice) async throws -> CreateDevice.Reply
    func call(_: QueryAccessToken) async throws -> QueryAccessToken.Reply
    func call(_: QueryDevices) async throws -> QueryDevices.Reply
    func call(_: UpdateDevice) async throws -> UpdateDevice.Reply
    func call(_: DeleteDevices) async throws -> DeleteDevices.Reply
    // User-interactive authentication
    func call(_: StartAuthentication) async throws -> StartAuthentication.Reply
    func call(_: CompleteAuthenticationStage) async throws -> CompleteAuthenticationStage.Reply
    func call(_: QueryAuthentication) async throws -> QueryAuthentication.Reply
    // Third-party identifiers
    func call(_: RequestEmailValidation) async throws -> RequestEmailValidation.Reply
    func call(_: SubmitValidationToken) async throws -> SubmitValidationToken.Reply
    func call(_: QueryValidation) async throws -> QueryValidation.Reply
    func call(_: QueryThreePIDs) async throws -> QueryThreePIDs.Reply
    // Profiles and account data
    func call(_: QueryProfile) async throws -> QueryProfile.Reply
    func call(_: SetProfileField) async throws -> SetProfileField.Reply
    func call(_: SetAccountData) async throws -> SetAccountData.Reply
    func call(_: QueryAccountData) async throws -> QueryAccountData.Reply
    func call(_: QueryPushRules) async throws -> QueryPushRules.Reply
    func call(_: SetPusher) async throws -> SetPusher.Reply
    func call(_: RemovePusher) async throws -> RemovePusher.Reply
    func call(_: QueryPushers) async throws -> QueryPushers.Reply
    // The log, for listeners
    func call(_: QueryClientDataOutput) async throws -> QueryClientDataOutput.Reply
    func call(_: QueryClientDataHead) async throws -> QueryClientDataHead.Reply
    func call(_: QueryClientDataHeads) async throws -> QueryClientDataHeads.Reply
}

/// The userapi as seen from another component.
public struct UserClient: UserAPI, Client {
    public let link: any Link
    public init(_ link: any Link) { self.link = link }
}

extension Route where API == any UserAPI {
    public static var user: [Self] {
        [
            Route(RegisterAccount.self) { try await $0.call($1) },
            Route(QueryAccountAvailability.self) { try await $0.call($1) },
            Route(AuthenticatePassword.self) { try await $0.call($1) },
            Route(SetPassword.self) { try await $0.call($1) },
            Route(CreateRegistrationNonce.self) { try await $0.call($1) },
            Route(SpendRegistrationNonce.self) { try await $0.call($1) },
            Route(CreateDevice.self) { try await $0.call($1) },
            Route(QueryAccessToken.self) { try await $0.call($1) },
            Route(QueryDevices.self) { try await $0.call($1) },
            Route(UpdateDevice.self) { try await $0.call($1) },
            Route(DeleteDevices.self) { try await $0.call($1) },
            Route(StartAuthentication.self) { try await $0.call($1) },
            Route(CompleteAuthenticationStage.self) { try await $0.call($1) },
            Route(QueryAuthentication.self) { try await $0.call($1) },
            Route(RequestEmailValidation.self) { try await $0.call($1) },
            Route(SubmitValidationToken.self) { try await $0.call($1) },
            Route(QueryValidation.self) { try await $0.call($1) },
            Route(QueryThreePIDs.self) { try await $0.call($1) },
            Route(QueryProfile.self) { try await $0.call($1) },
            Route(SetProfileField.self) { try await $0.call($1) },
            Route(SetAccountData.self) { try await $0.call($1) },
            Route(QueryAccountData.self) { try await $0.call($1) },
            Route(QueryPushRules.self) { try await $0.call($1) },
            Route(SetPusher.self) { try await $0.call($1) },
            Route(RemovePusher.self) { try await $0.call($1) },
            Route(QueryPushers.self) { try await $0.call($1) },
            Route(QueryClientDataOutput.self) { try await $0.call($1) },
            Route(QueryClientDataHead.self) { try await $0.call($1) },
            Route(QueryClientDataHeads.self) { try await $0.call($1) },
        ]
    }
}
