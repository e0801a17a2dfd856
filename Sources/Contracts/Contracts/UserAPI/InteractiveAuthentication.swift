import InternalAPI
import Matrix

// Sessions are rows, so that any replica of clientapi goes on with what another began.
// [User-interactive authentication](https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api)

/// Begins a session for one operation of one user (or of nobody yet, for registration).
public struct StartAuthentication: Call {
    public static let path = "/userapi/startAuthentication"
    /// What is being authorised: the method and path. A session is good for nothing else.
    public var operation: String
    public var userID: String?
    /// The request's parameters without `auth`: later requests of the session may leave them out.
    public var parameters: RawJSON

    public init(operation: String, userID: String?, parameters: RawJSON) {
        self.operation = operation
        self.userID = userID
        self.parameters = parameters
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var session: String
        public init(session: String) { self.session = session }
    }
}

/// Where a session stands.
public struct AuthenticationState: Codable, Sendable, Equatable {
    public var operation: String
    public var userID: String?
    public var parameters: RawJSON
    /// The stages done, in order.
    public var completed: [String]
    /// The validation (its `sid`) of the address that was proved in one of them.
    public var validation: String?
    /// The registration token that was shown in one of them.
    public var registrationToken: String?

    public init(
        operation: String, userID: String?, parameters: RawJSON, completed: [String], validation: String? = nil,
        registrationToken: String? = nil
    ) {
        self.operation = operation
        self.userID = userID
        self.parameters = parameters
        self.completed = completed
        self.validation = validation
        self.registrationToken = registrationToken
    }
}

/// Records that a stage has been passed. Errors: M_UNKNOWN 400 where the session is unknown or too old.
public struct CompleteAuthenticationStage: Call {
    public static let path = "/userapi/completeAuthenticationStage"
    public typealias Reply = AuthenticationState
    public var session: String
    public var stage: String
    /// The validation of the address that the stage proved; nil: it proved none.
    public var validation: String?
    /// The registration token that the stage was passed by.
    public var registrationToken: String?

    public init(session: String, stage: String, validation: String? = nil, registrationToken: String? = nil) {
        self.session = session
        self.stage = stage
        self.validation = validation
        self.registrationToken = registrationToken
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Reads a session. Errors: M_UNKNOWN 400 where it is unknown or too old.
public struct QueryAuthentication: Call {
    public static let path = "/userapi/queryAuthentication"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = AuthenticationState
    public var session: String
    public init(session: String) { self.session = session }
}

/// Ends a session that is good for one operation only. Errors: M_UNKNOWN 400 where it is unknown, too old or ended.
public struct EndAuthentication: Call {
    public static let path = "/userapi/endAuthentication"
    public typealias Reply = Done
    public var session: String
    public init(session: String) { self.session = session }
}
