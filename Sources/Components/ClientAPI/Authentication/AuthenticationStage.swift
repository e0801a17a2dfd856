import Matrix

/// What there is to prove.
/// [Authentication types](https://spec.matrix.org/v1.19/client-server-api/#authentication-types)
enum AuthenticationStage: String, Sendable {
    /// Nothing.
    case dummy = "m.login.dummy"
    case password = "m.login.password"
    /// That one is no robot.
    case recaptcha = "m.login.recaptcha"
    /// That one reads what is sent to an address.
    case email = "m.login.email.identity"
    /// That an administrator lets one register.
    case registrationToken = "m.login.registration_token"

    enum Result {
        /// With the validation of the address that was proved, if it was one, or the registration token that was shown.
        case passed(validation: String? = nil, registrationToken: String? = nil)
        case refused(MatrixError)
    }
}
