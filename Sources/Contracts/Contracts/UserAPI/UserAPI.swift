import InternalAPI

/// What the userapi does for other components: it owns the accounts, their devices, profiles and account data.
public protocol UserAPI: Sendable {
    // Accounts and passwords
    func call(_: RegisterAccount) async throws -> RegisterAccount.Reply
    func call(_: QueryAccountAvailability) async throws -> QueryAccountAvailability.Reply
    func call(_: AuthenticatePassword) async throws -> AuthenticatePassword.Reply
    func call(_: SetPassword) async throws -> SetPassword.Reply
    func call(_: DeactivateAccount) async throws -> DeactivateAccount.Reply
    func call(_: QueryAccountStanding) async throws -> QueryAccountStanding.Reply
    func call(_: SetAccountStanding) async throws -> SetAccountStanding.Reply
    func call(_: CreateRegistrationNonce) async throws -> CreateRegistrationNonce.Reply
    func call(_: SpendRegistrationNonce) async throws -> SpendRegistrationNonce.Reply
    func call(_: CreateRegistrationToken) async throws -> CreateRegistrationToken.Reply
    func call(_: UpdateRegistrationToken) async throws -> UpdateRegistrationToken.Reply
    func call(_: DeleteRegistrationToken) async throws -> DeleteRegistrationToken.Reply
    func call(_: QueryRegistrationTokens) async throws -> QueryRegistrationTokens.Reply
    func call(_: CreateLoginToken) async throws -> CreateLoginToken.Reply
    func call(_: SpendLoginToken) async throws -> SpendLoginToken.Reply
    // Devices and access tokens
    func call(_: CreateDevice) async throws -> CreateDevice.Reply
    func call(_: RefreshAccessToken) async throws -> RefreshAccessToken.Reply
    func call(_: QueryAccessToken) async throws -> QueryAccessToken.Reply
    func call(_: QueryDevices) async throws -> QueryDevices.Reply
    func call(_: QueryConnections) async throws -> QueryConnections.Reply
    func call(_: UpdateDevice) async throws -> UpdateDevice.Reply
    func call(_: DeleteDevices) async throws -> DeleteDevices.Reply
    // User-interactive authentication
    func call(_: StartAuthentication) async throws -> StartAuthentication.Reply
    func call(_: CompleteAuthenticationStage) async throws -> CompleteAuthenticationStage.Reply
    func call(_: QueryAuthentication) async throws -> QueryAuthentication.Reply
    func call(_: EndAuthentication) async throws -> EndAuthentication.Reply
    // Third-party identifiers
    func call(_: RequestEmailValidation) async throws -> RequestEmailValidation.Reply
    func call(_: SubmitValidationToken) async throws -> SubmitValidationToken.Reply
    func call(_: QueryValidation) async throws -> QueryValidation.Reply
    func call(_: QueryThreePIDs) async throws -> QueryThreePIDs.Reply
    func call(_: QueryValidationOwner) async throws -> QueryValidationOwner.Reply
    func call(_: AddThreePID) async throws -> AddThreePID.Reply
    func call(_: RemoveThreePID) async throws -> RemoveThreePID.Reply
    func call(_: NoteThreePIDBinding) async throws -> NoteThreePIDBinding.Reply
    func call(_: QueryThreePIDBindings) async throws -> QueryThreePIDBindings.Reply
    func call(_: CreateOpenIDToken) async throws -> CreateOpenIDToken.Reply
    func call(_: QueryOpenIDToken) async throws -> QueryOpenIDToken.Reply
    // Profiles and account data
    func call(_: QueryProfile) async throws -> QueryProfile.Reply
    func call(_: SetProfileField) async throws -> SetProfileField.Reply
    func call(_: SetAccountData) async throws -> SetAccountData.Reply
    func call(_: CarryRoomSettings) async throws -> CarryRoomSettings.Reply
    func call(_: QueryAccountData) async throws -> QueryAccountData.Reply
    func call(_: SetRoomTag) async throws -> SetRoomTag.Reply
    func call(_: QueryPushRules) async throws -> QueryPushRules.Reply
    func call(_: SetPushRule) async throws -> SetPushRule.Reply
    func call(_: ChangePushRule) async throws -> ChangePushRule.Reply
    func call(_: DeletePushRule) async throws -> DeletePushRule.Reply
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
            Route(DeactivateAccount.self) { try await $0.call($1) },
            Route(QueryAccountStanding.self) { try await $0.call($1) },
            Route(SetAccountStanding.self) { try await $0.call($1) },
            Route(CreateRegistrationNonce.self) { try await $0.call($1) },
            Route(SpendRegistrationNonce.self) { try await $0.call($1) },
            Route(CreateRegistrationToken.self) { try await $0.call($1) },
            Route(UpdateRegistrationToken.self) { try await $0.call($1) },
            Route(DeleteRegistrationToken.self) { try await $0.call($1) },
            Route(QueryRegistrationTokens.self) { try await $0.call($1) },
            Route(CreateLoginToken.self) { try await $0.call($1) },
            Route(SpendLoginToken.self) { try await $0.call($1) },
            Route(CreateDevice.self) { try await $0.call($1) },
            Route(RefreshAccessToken.self) { try await $0.call($1) },
            Route(QueryAccessToken.self) { try await $0.call($1) },
            Route(QueryDevices.self) { try await $0.call($1) },
            Route(QueryConnections.self) { try await $0.call($1) },
            Route(UpdateDevice.self) { try await $0.call($1) },
            Route(DeleteDevices.self) { try await $0.call($1) },
            Route(StartAuthentication.self) { try await $0.call($1) },
            Route(CompleteAuthenticationStage.self) { try await $0.call($1) },
            Route(QueryAuthentication.self) { try await $0.call($1) },
            Route(EndAuthentication.self) { try await $0.call($1) },
            Route(RequestEmailValidation.self) { try await $0.call($1) },
            Route(SubmitValidationToken.self) { try await $0.call($1) },
            Route(QueryValidation.self) { try await $0.call($1) },
            Route(QueryThreePIDs.self) { try await $0.call($1) },
            Route(QueryValidationOwner.self) { try await $0.call($1) },
            Route(AddThreePID.self) { try await $0.call($1) },
            Route(RemoveThreePID.self) { try await $0.call($1) },
            Route(NoteThreePIDBinding.self) { try await $0.call($1) },
            Route(QueryThreePIDBindings.self) { try await $0.call($1) },
            Route(CreateOpenIDToken.self) { try await $0.call($1) },
            Route(QueryOpenIDToken.self) { try await $0.call($1) },
            Route(QueryProfile.self) { try await $0.call($1) },
            Route(SetProfileField.self) { try await $0.call($1) },
            Route(SetAccountData.self) { try await $0.call($1) },
            Route(CarryRoomSettings.self) { try await $0.call($1) },
            Route(QueryAccountData.self) { try await $0.call($1) },
            Route(SetRoomTag.self) { try await $0.call($1) },
            Route(QueryPushRules.self) { try await $0.call($1) },
            Route(SetPushRule.self) { try await $0.call($1) },
            Route(ChangePushRule.self) { try await $0.call($1) },
            Route(DeletePushRule.self) { try await $0.call($1) },
            Route(SetPusher.self) { try await $0.call($1) },
            Route(RemovePusher.self) { try await $0.call($1) },
            Route(QueryPushers.self) { try await $0.call($1) },
            Route(QueryClientDataOutput.self) { try await $0.call($1) },
            Route(QueryClientDataHead.self) { try await $0.call($1) },
            Route(QueryClientDataHeads.self) { try await $0.call($1) },
        ]
    }
}
