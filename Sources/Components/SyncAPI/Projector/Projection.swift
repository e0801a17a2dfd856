import Delivery
import Topics

/// One thing that a topic told, on its way into the projection.
enum Projection: Sendable {
    case room(OutputEvent, OutboxKey, seq: Int64)
    case clientData(ClientData, OutboxKey, seq: Int64)
    case typing(Typing)
    case receipt(Receipt)
    case typingExpiry
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

    /// Its place in a log, where it has one.
    var entry: (key: OutboxKey, seq: Int64)? {
        switch self {
        case .room(_, let key, let seq), .clientData(_, let key, let seq): (key, seq)
        case .typing, .receipt, .typingExpiry: nil
        }
    }
}
