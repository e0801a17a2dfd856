import Web

extension ClientAPI {
    /// The server itself, accounts and sessions, devices, profiles, account data and push rules.
    var sessionRoutes: [Endpoint] {
        [
            serverRoutes, pageRoutes, thirdPartyRoutes, accountRoutes, emailRoutes, userDataRoutes, administratorRoutes,
            sharedSecretRoutes,
        ].flatMap { $0 }
    }

    private var serverRoutes: [Endpoint] {
        [
            .get("/.well-known/matrix/client", .open, wellKnown),
            .get("/.well-known/matrix/support", .open, support),
            .get("/.well-known/matrix/policy_server", .open, policyServer),
            .get("/_matrix/client/versions", .optionalUser, versions),
            .get("/_matrix/client/(r0|v3)/capabilities", .guest, capabilities).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/voip/turnServer", .guest, turnServer).limited(by: limiter),
        ]
    }

    /// Pages for browsers, for clients that do not know how.
    private var pageRoutes: [Endpoint] {
        let fallback = FallbackPage(captcha: captcha, users: users)
        return [
            .get("/_matrix/client/(r0|v3)/auth/{authType}/fallback/web", .open, fallback.show).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/auth/{authType}/fallback/web", .open, limit: .small, fallback.submit)
                .limited(by: limiter),
            .get("/_matrix/static/client/login/", .open, loginPage),
        ]
    }

    private var thirdPartyRoutes: [Endpoint] {
        [
            .get("/_matrix/client/(r0|v3)/thirdparty/protocols", .user, ThirdPartyNetworks.protocols),
            .get("/_matrix/client/(r0|v3)/thirdparty/protocol/{protocol}", .user, ThirdPartyNetworks.nothing),
            .get("/_matrix/client/(r0|v3)/thirdparty/location", .user, ThirdPartyNetworks.nothing),
            .get("/_matrix/client/(r0|v3)/thirdparty/location/{protocol}", .user, ThirdPartyNetworks.nothing),
            .get("/_matrix/client/(r0|v3)/thirdparty/user", .user, ThirdPartyNetworks.nothing),
            .get("/_matrix/client/(r0|v3)/thirdparty/user/{protocol}", .user, ThirdPartyNetworks.nothing),
        ]
    }

    private var accountRoutes: [Endpoint] {
        [
            .get("/_matrix/client/(r0|v3)/login", .open, loginFlows).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/login", .open, limit: .small, logIn).limited(by: limiter),
            .post("/_matrix/client/v1/login/get_token", .user, loginToken).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/refresh", .open, limit: .small, refresh).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/logout", .guest, limit: .small, logOut),
            .post("/_matrix/client/(r0|v3)/logout/all", .guest, limit: .small, logOutEverywhere),
            .get("/_matrix/client/(r0|v3)/account/whoami", .guest, whoAmI).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/register", .open, limit: .small, register).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/register/available", .open, usernameAvailability).limited(by: limiter),
            .get("/_matrix/client/v1/register/m.login.registration_token/validity", .open, registrationTokenValidity)
                .limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/account/password", .optionalUser, changePassword).limited(by: limiter),
            .post("/_matrix/client/(r0|v3)/account/deactivate", .optionalUser, deactivate).limited(by: limiter),
            .get("/_matrix/client/(r0|v3|unstable)/account/3pid", .user, threePIDs),
            .post("/_matrix/client/(r0|v3|unstable)/account/3pid", .user, limit: .small, addThreePIDOfOld),
            .post("/_matrix/client/(r0|v3|unstable)/account/3pid/add", .user, limit: .small, addThreePID).limited(by: limiter),
            .post("/_matrix/client/(r0|v3|unstable)/account/3pid/bind", .user, limit: .small, bindThreePID).limited(by: limiter),
            .post("/_matrix/client/(r0|v3|unstable)/account/3pid/delete", .user, limit: .small, deleteThreePID),
            .post("/_matrix/client/(r0|v3|unstable)/account/3pid/unbind", .user, limit: .small, unbindThreePID),
            .get("/_matrix/client/(r0|v3)/devices", .user, devices),
            .get("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, device),
            .put("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, limit: .small, renameDevice),
            .delete("/_matrix/client/(r0|v3)/devices/{deviceId}", .user, limit: .small, deleteDevice),
            .post("/_matrix/client/(r0|v3)/delete_devices", .user, deleteDevices),
        ]
    }

    private var emailRoutes: [Endpoint] {
        let client = "/_matrix/client/(r0|v3)", links = "/_matrix/client/unstable"
        return [
            .post("\(client)/register/email/requestToken", .open, limit: .small, requestRegistrationToken).limited(by: limiter),
            .post("\(client)/register/msisdn/requestToken", .open, limit: .small, refuseRegistrationNumber).limited(by: limiter),
            .post("\(client)/account/password/email/requestToken", .open, limit: .small, requestPasswordToken).limited(by: limiter),
            .post("\(client)/account/password/msisdn/requestToken", .open, limit: .small, refusePasswordNumber).limited(by: limiter),
            .post("\(client)/account/3pid/email/requestToken", .open, limit: .small, requestThreePIDToken).limited(by: limiter),
            .post("\(client)/account/3pid/msisdn/requestToken", .open, limit: .small, refuseNumber).limited(by: limiter),
            .get("\(links)/registration/email/submit_token", .open, submitEmailToken).limited(by: limiter),
            .get("\(links)/add_threepid/email/submit_token", .open, submitEmailToken).limited(by: limiter),
            .get("\(links)/password_reset/email/submit_token", .open, confirmEmailToken).limited(by: limiter),
            .post("\(links)/password_reset/email/submit_token", .open, limit: .small, submitEmailToken).limited(by: limiter),
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
            .get("/_matrix/client/(r0|v3)/user/{userId}/rooms/{roomId}/tags", .guest, tags),
            .put("/_matrix/client/(r0|v3)/user/{userId}/rooms/{roomId}/tags/{tag}", .guest, limit: .small, setTag),
            .delete("/_matrix/client/(r0|v3)/user/{userId}/rooms/{roomId}/tags/{tag}", .guest, limit: .small, deleteTag),
            .post("/_matrix/client/(r0|v3)/user/{userId}/openid/request_token", .guest, limit: .small, openIDToken)
                .limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/pushers", .user, pushers),
            .post("/_matrix/client/(r0|v3)/pushers/set", .user, limit: .small, setPusher).limited(by: limiter),
            .get("/_matrix/client/(r0|v3)/pushrules/", .guest, pushRules),
            .get("/_matrix/client/(r0|v3)/pushrules/global/", .guest, globalPushRules),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}", .guest, pushRule),
            .put("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}", .guest, setPushRule).limited(by: limiter),
            .delete("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}", .guest, limit: .small, deletePushRule),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/enabled", .guest, pushRuleEnabled),
            .put(
                "/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/enabled", .guest, limit: .small, setPushRuleEnabled),
            .get("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/actions", .guest, pushRuleActions),
            .put("/_matrix/client/(r0|v3)/pushrules/global/{kind}/{ruleId}/actions", .guest, setPushRuleActions),
        ] + noPushRules
    }

    private var noPushRules: [Endpoint] {
        ["{scope}", "{scope}/{kind}", "{scope}/{kind}/{ruleId}", "{scope}/{kind}/{ruleId}/{attribute}"].flatMap { place -> [Endpoint] in
            let path = "/_matrix/client/(r0|v3)/pushrules/\(place)"
            return [.get(path, .guest, noPushRule), .put(path, .guest, limit: .small, noPushRule)]
        }
    }

    private var administratorRoutes: [Endpoint] {
        let tokens = RegistrationTokens(users: users), synapse = "/_synapse/admin/v1/registration_tokens"
        return [
            .get("/_matrix/client/(r0|v3)/admin/whois/{userId}", .guest, whoIs),
            .get("/_matrix/client/v1/admin/suspend/{userId}", .admin, suspension),
            .put("/_matrix/client/v1/admin/suspend/{userId}", .admin, limit: .small, suspend),
            .get("/_matrix/client/v1/admin/lock/{userId}", .admin, lock),
            .put("/_matrix/client/v1/admin/lock/{userId}", .admin, limit: .small, setLock),
            .get(synapse, .admin, tokens.list),
            .post("\(synapse)/new", .admin, limit: .small, tokens.create),
            .get("\(synapse)/{token}", .admin, tokens.get),
            .put("\(synapse)/{token}", .admin, limit: .small, tokens.update),
            .delete("\(synapse)/{token}", .admin, limit: .small, tokens.delete),
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
