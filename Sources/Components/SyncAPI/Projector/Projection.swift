import Delivery
import Topics

/// One thing that a topic told, on its way into the projection.
enum Projection: Sendable {
    case room(OutputEvent, OutboxKey, seq: Int64)
    case clientData(ClientData, OutboxKey, seq: Int64)
    case typing(Typing)
    case receipt(Receipt)
    case typingExpiry
    case presence(PresenceUpdate)
    /// Time passed, which changes some users' presence.
    case presenceExpiry
}

/// The rooms and users whose syncs a transaction touched.
struct Touched: Sendable {
    var rooms: Set<String> = []
    var users: Set<String> = []
}

extension Projection {
    var isTyping: Bool {
        if case .typing = self { true } else { false }
    }

    var isPresence: Bool {
        if case .presence = self { true } else { false }
    }

    /// Who did something, if anybody.
    var actor: String? {
        switch self {
        case .room(.newEvent(let event), _, _): event.transaction?.userID
        case .typing(let typing): typing.isTyping ? typing.userID : nil
        case .receipt(let receipt): receipt.userID
        case .room, .clientData, .typingExpiry, .presence, .presenceExpiry: nil
        }
    }

    /// Its place in a log, where it has one.
    var entry: (key: OutboxKey, seq: Int64)? {
        switch self {
        case .room(_, let key, let seq), .clientData(_, let key, let seq): (key, seq)
        case .typing, .receipt, .typingExpiry, .presence, .presenceExpiry: nil
        }
    }
}
