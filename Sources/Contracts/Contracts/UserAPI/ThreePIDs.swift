import InternalAPI

// Addresses elsewhere that people are known by. Whose one is, they show by what is sent to it: a validation, which the
// userapi keeps, so that any replica goes on with it.
// [Third-party identifiers](https://spec.matrix.org/v1.19/appendices/#3pid-types)

/// An address elsewhere, in the form in which it is compared.
public struct ThreePID: Codable, Sendable, Hashable {
    /// `email`
    public var medium: String
    public var address: String

    public init(medium: String, address: String) {
        self.medium = medium
        self.address = address
    }
}

/// What an address is proved for; a validation is good for nothing else.
public enum ValidationPurpose: String, Codable, Sendable {
    case registration
    /// To be added to an account that is there.
    case adding
    /// To show whose account it is, where the password is forgotten.
    case owning
}

/// Sends a mail with a link to somebody who says that an address is theirs. Sent again with the same secret, address and
/// `sendAttempt`, or a lower one, no second mail goes out. Errors: M_UNRECOGNIZED (no mails are sent here), M_INVALID_PARAM,
/// M_THREEPID_IN_USE, M_THREEPID_NOT_FOUND (for `owning`: it is nobody's), M_LIMIT_EXCEEDED (too many mails to that address).
public struct RequestEmailValidation: Call {
    public static let path = "/userapi/requestEmailValidation"
    public static var idempotency: Idempotency { .keyed }
    /// A mail server may take its time.
    public static var timeout: Duration { .seconds(90) }
    public var email: String
    public var clientSecret: String
    public var sendAttempt: Int64
    public var purpose: ValidationPurpose
    /// Where the browser goes once the link has been opened.
    public var nextLink: String?

    public init(email: String, clientSecret: String, sendAttempt: Int64, purpose: ValidationPurpose, nextLink: String?) {
        self.email = email
        self.clientSecret = clientSecret
        self.sendAttempt = sendAttempt
        self.purpose = purpose
        self.nextLink = nextLink
    }

    public struct Reply: Codable, Sendable, Equatable {
        /// The validation's name.
        public var sid: String
        public init(sid: String) { self.sid = sid }
    }
}

/// Shows the token that was sent to an address. Errors: M_THREEPID_AUTH_FAILED (unknown or too old).
public struct SubmitValidationToken: Call {
    public static let path = "/userapi/submitValidationToken"
    public static var idempotency: Idempotency { .repeatable }
    public var sid: String
    public var token: String

    public init(sid: String, token: String) {
        self.sid = sid
        self.token = token
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var nextLink: String?
        public init(nextLink: String?) { self.nextLink = nextLink }
    }
}

/// The address of a validation that is done. Errors: M_THREEPID_AUTH_FAILED (unknown, too old, for something else, another's,
/// or not done yet).
public struct QueryValidation: Call {
    public static let path = "/userapi/queryValidation"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = ThreePID
    public var sid: String
    public var clientSecret: String
    public var purpose: ValidationPurpose

    public init(sid: String, clientSecret: String, purpose: ValidationPurpose) {
        self.sid = sid
        self.clientSecret = clientSecret
        self.purpose = purpose
    }
}

/// Whose the address of a validation is that is done. Errors: M_THREEPID_AUTH_FAILED, M_THREEPID_NOT_FOUND (nobody's).
public struct QueryValidationOwner: Call {
    public static let path = "/userapi/queryValidationOwner"
    public static var idempotency: Idempotency { .repeatable }
    public var sid: String
    public var purpose: ValidationPurpose

    public init(sid: String, purpose: ValidationPurpose) {
        self.sid = sid
        self.purpose = purpose
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var userID: String
        public init(userID: String) { self.userID = userID }
    }
}

/// Gives an account an address that was proved for it (`adding`). Errors: M_THREEPID_AUTH_FAILED, M_THREEPID_IN_USE
/// (it is another's), M_NOT_FOUND (no such user).
public struct AddThreePID: Call {
    public static let path = "/userapi/addThreePID"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public var sid: String
    public var clientSecret: String

    public init(userID: String, sid: String, clientSecret: String) {
        self.userID = userID
        self.sid = sid
        self.clientSecret = clientSecret
    }
}

/// Takes an address from an account; nothing where it is not the account's.
public struct RemoveThreePID: Call {
    public static let path = "/userapi/removeThreePID"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public var threePID: ThreePID

    public init(userID: String, threePID: ThreePID) {
        self.userID = userID
        self.threePID = threePID
    }
}

/// The addresses that belong to an account, in the order in which they came.
public struct QueryThreePIDs: Call {
    public static let path = "/userapi/queryThreePIDs"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var threePIDs: [AccountThreePID]
        public init(threePIDs: [AccountThreePID]) { self.threePIDs = threePIDs }
    }
}

/// An address that an identity server was told is a user's.
public struct ThreePIDBinding: Codable, Sendable, Hashable {
    public var threePID: ThreePID
    public var idServer: String

    public init(threePID: ThreePID, idServer: String) {
        self.threePID = threePID
        self.idServer = idServer
    }
}

/// Notes that an identity server was told of an address, or that it has forgotten it. Errors: M_NOT_FOUND (no such user).
public struct NoteThreePIDBinding: Call {
    public static let path = "/userapi/noteThreePIDBinding"
    public static var idempotency: Idempotency { .repeatable }
    public typealias Reply = Done
    public var userID: String
    public var binding: ThreePIDBinding
    public var isBound: Bool

    public init(userID: String, binding: ThreePIDBinding, isBound: Bool) {
        self.userID = userID
        self.binding = binding
        self.isBound = isBound
    }
}

/// What identity servers were told of a user: all, or of one address.
public struct QueryThreePIDBindings: Call {
    public static let path = "/userapi/queryThreePIDBindings"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var threePID: ThreePID?

    public init(userID: String, threePID: ThreePID? = nil) {
        self.userID = userID
        self.threePID = threePID
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var bindings: [ThreePIDBinding]
        public init(bindings: [ThreePIDBinding]) { self.bindings = bindings }
    }
}

/// An address that belongs to an account, with the times, in milliseconds, at which it was proved and added.
public struct AccountThreePID: Codable, Sendable, Equatable {
    public var threePID: ThreePID
    public var validatedTS: Int64
    public var addedTS: Int64

    public init(threePID: ThreePID, validatedTS: Int64, addedTS: Int64) {
        self.threePID = threePID
        self.validatedTS = validatedTS
        self.addedTS = addedTS
    }
}
