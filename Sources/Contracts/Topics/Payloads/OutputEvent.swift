import Matrix

/// Something that happened in a room, in the order of the room's output log.
public enum OutputEvent: Codable, Sendable, Equatable {
    case newEvent(NewEvent)
    case forgotten(Forgotten)

    /// Errors: ``UnknownKind``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch container.allKeys.first {
        case .newEvent?:
            let values = try container.nestedContainer(keyedBy: NewEventCodingKeys.self, forKey: .newEvent)
            self = .newEvent(try values.decode(NewEvent.self, forKey: ._0))
        case .forgotten?:
            let values = try container.nestedContainer(keyedBy: ForgottenCodingKeys.self, forKey: .forgotten)
            self = .forgotten(try values.decode(Forgotten.self, forKey: ._0))
        case nil: throw UnknownKind(OutputEvent.self)
        }
    }

    /// An event became part of the room.
    public struct NewEvent: Codable, Sendable, Equatable {
        /// The PDU, byte for byte, in the format of the room's version.
        public var event: RawJSON
        public var eventID: String
        public var roomID: String
        public var roomVersion: String
        /// Whether it changed the room's current state.
        public var isCurrentState: Bool
        /// The state event that it replaces, for `unsigned.prev_content` and `unsigned.replaces_state`.
        public var replaces: RawJSON?
        public var replacesID: String?
        /// The events that it redacts, once the redaction took effect.
        public var redacts: String?
        /// The request of a device that sent it, for `unsigned.transaction_id`.
        public var transaction: Transaction?
        /// `m.room.history_visibility` in force for this event: `shared` unless said otherwise.
        public var historyVisibility: String
        /// For an invite or knock of a local user: the stripped state that goes with it, and it itself.
        public var strippedState: [RawJSON]?
        /// Further changes of the current state that came with it (state resolution), named: event IDs to ask for.
        public var stateDelta: [String]

        public init(
            event: RawJSON, eventID: String, roomID: String, roomVersion: String, isCurrentState: Bool, replaces: RawJSON?,
            replacesID: String?, redacts: String?, transaction: Transaction?, historyVisibility: String,
            strippedState: [RawJSON]?, stateDelta: [String] = []
        ) {
            self.event = event
            self.eventID = eventID
            self.roomID = roomID
            self.roomVersion = roomVersion
            self.isCurrentState = isCurrentState
            self.replaces = replaces
            self.replacesID = replacesID
            self.redacts = redacts
            self.transaction = transaction
            self.historyVisibility = historyVisibility
            self.strippedState = strippedState
            self.stateDelta = stateDelta
        }
    }

    /// A user who has left the room forgets it.
    public struct Forgotten: Codable, Sendable, Equatable {
        public var roomID: String
        public var userID: String

        public init(roomID: String, userID: String) {
            self.roomID = roomID
            self.userID = userID
        }
    }

    /// A device's request.
    public struct Transaction: Codable, Sendable, Equatable {
        public var userID: String
        public var deviceID: String
        public var transactionID: String

        public init(userID: String, deviceID: String, transactionID: String) {
            self.userID = userID
            self.deviceID = deviceID
            self.transactionID = transactionID
        }
    }
}
