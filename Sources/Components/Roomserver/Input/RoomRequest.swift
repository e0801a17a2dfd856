import Contracts
import Web

/// What may be asked of a room's task.
enum RoomRequest: Sendable {
    case send(SendRequest)
    case membership(MembershipRequest)
    case profile(ProfileRequest)

    var transaction: TransactionKey? {
        if case .send(let request) = self { request.transaction } else { nil }
    }

    /// How many events it becomes at most.
    var eventLimit: Int {
        switch self {
        case .send(let request): request.drafts.count
        case .membership(let request): request.thirdPartySigned == nil ? 1 : 2
        case .profile: 1
        }
    }

    /// The request from outside that is behind it, for logs.
    var requestID: String? {
        switch self {
        case .send(let request): request.requestID
        case .membership(let request): request.requestID
        case .profile(let request): request.requestID
        }
    }
}

/// ``SendEvents``, its drafts read and checked as far as can be without the room.
struct SendRequest: Sendable {
    let drafts: [CheckedDraft]
    let transaction: TransactionKey?
    let isGuest: Bool
    let requestID = RequestID.current

    init(_ call: SendEvents) throws {
        drafts = try call.drafts.map(CheckedDraft.init)
        transaction = call.transaction
        isGuest = call.isGuest ?? false
    }
}

/// What became of a request.
struct RoomReply: Sendable, Equatable {
    /// In the order of the drafts.
    var eventIDs: [String]
    /// False where everything was so already.
    var added: Bool
    /// The number of the last of these events in the room's output log, or that of the room.
    var seq: Int64
    /// Of who joins: the room that this one replaces.
    var predecessor: String? = nil
}
