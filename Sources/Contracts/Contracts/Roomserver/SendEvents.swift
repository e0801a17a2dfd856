import InternalAPI
import Matrix

/// Adds events of local users to a room, all or none. A state event that changes nothing is not added: the answer
/// names the event that already says so.
/// Errors: M_FORBIDDEN (by the authorization rules), M_NOT_FOUND (no such room), M_BAD_JSON, M_TOO_LARGE,
/// M_GUEST_ACCESS_FORBIDDEN.
public struct SendEvents: Call {
    public static let path = "/roomserver/sendEvents"
    /// By the transaction; without one it sets state, and what is already so is not set again.
    public static var idempotency: Idempotency { .keyed }

    public var roomID: String
    public var drafts: [Draft]
    /// With it, sending again answers with the first event IDs.
    public var transaction: TransactionKey?
    /// Whether the sender is a guest; nil: not.
    public var isGuest: Bool?

    public init(roomID: String, drafts: [Draft], transaction: TransactionKey? = nil, isGuest: Bool? = nil) {
        self.roomID = roomID
        self.drafts = drafts
        self.transaction = transaction
        self.isGuest = isGuest
    }

    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        /// In the order of the drafts.
        public var eventIDs: [String]
        public var seq: Int64
        public init(eventIDs: [String], seq: Int64) {
            self.eventIDs = eventIDs
            self.seq = seq
        }
    }
}

/// Moves a user's membership of a room, deciding under the room's lock what the request means there.
/// Errors: M_FORBIDDEN, M_NOT_FOUND (no such room), M_BAD_STATE, M_GUEST_ACCESS_FORBIDDEN.
public struct ChangeMembership: Call {
    public static let path = "/roomserver/changeMembership"

    /// What is asked, in the words of the endpoints. `kick` makes a joined, invited or knocking user leave;
    /// `unban` a banned one; `leave` is the user's own, and takes back a knock or refuses an invite too.
    public enum Action: String, Codable, Sendable { case join, invite, leave, kick, ban, unban, knock }

    public var roomID: String
    public var action: Action
    public var sender: String
    public var target: String
    /// Further content of the member event: `displayname`, `avatar_url`, `reason`, `is_direct`, third-party fields.
    public var content: RawJSON
    /// Whether the sender is a guest; nil: not.
    public var isGuest: Bool?
    /// What an identity server signed for the target: who joins is invited first, and an invite is the one that it vouches for, in the
    /// name of whoever announced it.
    public var thirdPartySigned: RawJSON?

    public init(
        roomID: String, action: Action, sender: String, target: String, content: RawJSON, isGuest: Bool? = nil,
        thirdPartySigned: RawJSON? = nil
    ) {
        self.roomID = roomID
        self.action = action
        self.sender = sender
        self.target = target
        self.content = content
        self.isGuest = isGuest
        self.thirdPartySigned = thirdPartySigned
    }

    /// What it asks for may already be so: asking again changes nothing.
    public static var idempotency: Idempotency { .repeatable }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        /// Nil where nothing had to change.
        public var eventID: String?
        public var seq: Int64
        /// Of who joins: the room that this one replaces.
        public var predecessor: String?
        public init(eventID: String?, seq: Int64, predecessor: String? = nil) {
            self.eventID = eventID
            self.seq = seq
            self.predecessor = predecessor
        }
    }
}

/// Forgets a room that the user has left. Errors: M_UNKNOWN 400 while the user is joined; M_NOT_FOUND.
public struct ForgetRoom: Call {
    public static let path = "/roomserver/forgetRoom"
    public typealias Reply = Done

    public var roomID: String
    public var userID: String

    public init(roomID: String, userID: String) {
        self.roomID = roomID
        self.userID = userID
    }
    public static var idempotency: Idempotency { .repeatable }
    public var affinity: String? { roomID }
}
