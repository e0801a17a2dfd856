import Web

extension ClientAPI {
    /// The server itself, accounts and sessions, devices, profiles, account data and push rules.
    var sessionRoutes: [Endpoint] { serverRoutes + accountRoutes + emailRoutes + userDataRoutes + sharedSecretRoutes }

    private var serverRoutes: [Endpoint] {
        [
            .get("/.well-known/matrix/client", .open, wellKnown),
            .get("/_matrix/client/versions", .optionalUser, versions),
            .get("/_matrix/client/(r0|v3)/capabilities", .guest, capabilities).limited(by: limiter),
        ]
    }

    private var accountRoutes: [Endpoint] {
        [
            .get("/_matrix/client/(r0|v3)/login", .open, loginFlows).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/login", .open, limit: .small, logIn).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/logout", .guest, limit: .small, logOut),
            .post("/_matrix/client/(r0|v3)/logout/all", .guest, limit: .small, logOutEverywhere),
            .get("/_matrix/client/(r0|v3)/account/whoami", .guest, whoAmI).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/register", .open, limit: .small, register).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/register/available", .open, usernameAvailability).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/account/password", .user, changePassword).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/account/3pid", .user, threePIDs),
            .get("/_matrix/client/(r0|v3)/devices", .user, devices),
            .get("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, device),
            .put("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, limit: .small, renameDevice),
            .delete("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, limit: .small, deleteDevice),
            .post("/_matrix/client/(r0|v3)/delete_devices", .user, deleteDevices),
        ]
    }

    /// Not there where no mails are sent.
    private var emailRoutes: [Endpoint] {
        guard config.takesEmail else { return [] }
        return [
            .post("/_matrix/client/(r0|v3)/register/email/requestToken", .open, requestRegistrationToken).limited(by: limiter),
            .get("/_matrix/client/unstable/registration/email/submit_token", .open, submitEmailToken).limited(by: limiter),
        ]
    }

    private var userDataRoutes: [Endpoint] {
        [
            .get("/_matrix/client/(r0|v3)/profile/{userId}", .open, profile),
            .get("/_matrix/client/(r0|v3)/profile/{userId}/{keyName}", .open, profileField),
            .put("/_matrix/client/(r0|v3)/profile/{userId}/{keyName}", .guest, setProfileField).limited(by: limiter),
            .delete("/_matrix/client/(r0|v3)/profile/{userId}/{keyName}", .guest, limit: .small, deleteProfileField).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/user/{userId}/account_data/{type}", .guest, accountData),
            .put("/_matrix/client/(r0|v3)/user/{userId}/account_data/{type}", .guest, setAccountData),
            .get("/_matrix/client/(r0|v3)/user/{userId}/rooms/{roomId}/account_data/{type}", .guest, accountData),
            .put("/_matrix/client/(r0|v3)/user/{userId}/rooms/{roomId}/account_data/{type}", .guest, setAccountData),
            .get("/_matrix/client/(r0|v3)/pushers", .user, pushers),
            .post("/_matrix/client/(r0|v3)/pushers/set", .user, limit: .small, setPusher).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/pushrules/", .guest, pushRules),
            .get("/_matrix/client/(r0|v3)/pushrules/global/", .guest, globalPushRules),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}", .guest, pushRule),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/enabled", .guest, pushRuleEnabled),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/actions", .guest, pushRuleActions),
        ]
    }

    /// Synapse's way to make accounts, which Dendrite has too; not there without a secret.
    private var sharedSecretRoutes: [Endpoint] {
        guard let secret = config.registrationSharedSecret, !secret.isEmpty else { return [] }
        let registration = SharedSecretRegistration(secret: secret, config: config, users: users)
        return [
            .get("/_synapse/admin/v1/register", .open, registration.nonce).limited(by: limiter),
            .post("/_synapse/admin/v1/register", .open, limit: .small, registration.register).limited(by: limiter),
        ]
    }
}
