import InternalAPI
import Matrix

/// The profile of a local user. Errors: M_NOT_FOUND.
public struct QueryProfile: Call {
    public static let path = "/userapi/queryProfile"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    /// Whether the user's `m.invite_permission_config` is asked for too; nil: not.
    public var wantsInvitePermission: Bool?

    public init(userID: String, wantsInvitePermission: Bool? = nil) {
        self.userID = userID
        self.wantsInvitePermission = wantsInvitePermission
    }

    public struct Reply: Codable, Sendable, Equatable {
        /// A JSON object: `displayname`, `avatar_url` and custom fields, those that are set.
        public var fields: RawJSON
        /// The account data of that type, where it is set and was asked for.
        public var invitePermission: RawJSON?

        public init(fields: RawJSON, invitePermission: RawJSON? = nil) {
            self.fields = fields
            self.invitePermission = invitePermission
        }
    }
}

/// Sets one field of a local user's profile, or removes it. Errors: M_NOT_FOUND, M_PROFILE_TOO_LARGE.
public struct SetProfileField: Call {
    public static let path = "/userapi/setProfileField"
    public typealias Reply = Done
    public var userID: String
    public var field: String
    /// Nil: removed.
    public var value: RawJSON?

    public init(userID: String, field: String, value: RawJSON?) {
        self.userID = userID
        self.field = field
        self.value = value
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// Sets account data, global or of a room; listeners hear of it by the topic `OutputClientData`.
public struct SetAccountData: Call {
    public static let path = "/userapi/setAccountData"
    public typealias Reply = Done
    public var userID: String
    /// Nil: global.
    public var roomID: String?
    public var type: String
    /// A JSON object.
    public var content: RawJSON

    public init(userID: String, roomID: String?, type: String, content: RawJSON) {
        self.userID = userID
        self.roomID = roomID
        self.type = type
        self.content = content
    }
    public static var idempotency: Idempotency { .repeatable }
}

/// One piece of account data. Errors: M_NOT_FOUND.
public struct QueryAccountData: Call {
    public static let path = "/userapi/queryAccountData"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var roomID: String?
    public var type: String

    public init(userID: String, roomID: String?, type: String) {
        self.userID = userID
        self.roomID = roomID
        self.type = type
    }

    public struct Reply: Codable, Sendable, Equatable {
        public var content: RawJSON
        public init(content: RawJSON) { self.content = content }
    }
}

/// The push rules of a user: `{"global": {…}}`.
public struct QueryPushRules: Call {
    public static let path = "/userapi/queryPushRules"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var rules: RawJSON
        public init(rules: RawJSON) { self.rules = rules }
    }
}

/// A user's output log above a number: the `OutputClientData` messages that a listener missed.
public struct QueryClientDataOutput: Call {
    public static let path = "/userapi/queryClientDataOutput"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String
    public var after: Int64
    public var limit: Int

    public init(userID: String, after: Int64, limit: Int = 200) {
        self.userID = userID
        self.after = after
        self.limit = limit
    }

    public typealias Message = QueryOutput.Message
    public struct Reply: Codable, Sendable, Equatable {
        public var messages: [Message]
        public init(messages: [Message]) { self.messages = messages }
    }
}

/// The head of one user's output log; 0: nothing is in it. The barrier that lets `/sync` show what the user set a moment ago.
public struct QueryClientDataHead: Call {
    public static let path = "/userapi/queryClientDataHead"
    public static var idempotency: Idempotency { .repeatable }
    public var userID: String

    public init(userID: String) { self.userID = userID }

    public struct Reply: Codable, Sendable, Equatable {
        public var seq: Int64
        public init(seq: Int64) { self.seq = seq }
    }
}

/// The head of every user's output log changed since a time, in pages by user ID.
public struct QueryClientDataHeads: Call {
    public static let path = "/userapi/queryClientDataHeads"
    public static var idempotency: Idempotency { .repeatable }
    /// Milliseconds by the userapi's database clock; 0: all users.
    public var changedSince: Int64
    /// The last user ID of the page before.
    public var after: String?
    public var limit: Int

    public init(changedSince: Int64, after: String? = nil, limit: Int = 1000) {
        self.changedSince = changedSince
        self.after = after
        self.limit = limit
    }

    public struct Head: Codable, Sendable, Equatable {
        public var userID: String
        public var seq: Int64
        public init(userID: String, seq: Int64) {
            self.userID = userID
            self.seq = seq
        }
    }
    public struct Reply: Codable, Sendable, Equatable {
        public var heads: [Head]
        public init(heads: [Head]) { self.heads = heads }
    }
}
