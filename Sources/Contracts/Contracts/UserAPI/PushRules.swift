import InternalAPI
import Matrix

// Changes to a user's push rules, each made under the lock of the user's account, so that none undoes another.
// [Push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules)

/// Adds a rule of the user's own, or changes one, which then stays where it is unless told otherwise.
/// Errors: M_INVALID_PARAM (the kind, the name, the rule, or a neighbour that is not there), M_TOO_LARGE.
public struct SetPushRule: Call {
    public static let path = "/userapi/setPushRule"
    public typealias Reply = Done
    public var userID: String
    public var kind: String
    public var ruleID: String
    /// A JSON object: `actions`, and `conditions` or `pattern`, as the kind has them.
    public var rule: RawJSON
    /// The rule of the user's own that is to come next, and so is less important.
    public var before: String?
    /// The rule of the user's own that is to stand before, and so is more important.
    public var after: String?

    public init(userID: String, kind: String, ruleID: String, rule: RawJSON, before: String?, after: String?) {
        self.userID = userID
        self.kind = kind
        self.ruleID = ruleID
        self.rule = rule
        self.before = before
        self.after = after
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Puts a rule, also one that every user has, in or out of force, or changes what it does.
/// Errors: M_NOT_FOUND, M_INVALID_PARAM.
public struct ChangePushRule: Call {
    public static let path = "/userapi/changePushRule"
    public typealias Reply = Done
    public var userID: String
    public var kind: String
    public var ruleID: String
    /// Nil: as it is.
    public var isEnabled: Bool?
    /// A JSON array. Nil: as they are.
    public var actions: RawJSON?

    public init(userID: String, kind: String, ruleID: String, isEnabled: Bool? = nil, actions: RawJSON? = nil) {
        self.userID = userID
        self.kind = kind
        self.ruleID = ruleID
        self.isEnabled = isEnabled
        self.actions = actions
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Removes a rule of the user's own. Errors: M_NOT_FOUND, M_INVALID_PARAM.
public struct DeletePushRule: Call {
    public static let path = "/userapi/deletePushRule"
    public typealias Reply = Done
    public var userID: String
    public var kind: String
    public var ruleID: String

    public init(userID: String, kind: String, ruleID: String) {
        self.userID = userID
        self.kind = kind
        self.ruleID = ruleID
    }
}
