import Matrix

/// Where in a room's state an event stands: its type and its state key, which are equal only byte for byte.
public struct StateKey: Sendable, Comparable, Hashable, CustomStringConvertible {
    public let type: String
    public let stateKey: String

    public init(_ type: String, _ stateKey: String = "") {
        self.type = type
        self.stateKey = stateKey
    }

    public static func == (left: StateKey, right: StateKey) -> Bool {
        left.stateKey.hasSameBytes(as: right.stateKey) && left.type.hasSameBytes(as: right.type)
    }

    public static func < (left: StateKey, right: StateKey) -> Bool {
        left.type.hasSameBytes(as: right.type)
            ? left.stateKey.utf8.lexicographicallyPrecedes(right.stateKey.utf8)
            : left.type.utf8.lexicographicallyPrecedes(right.type.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        Self.combine(type, into: &hasher)
        hasher.combine(UInt8.max)
        Self.combine(stateKey, into: &hasher)
    }

    private static func combine(_ text: String, into hasher: inout Hasher) {
        if text.utf8.withContiguousStorageIfAvailable({ hasher.combine(bytes: UnsafeRawBufferPointer($0)) }) == nil {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    public var description: String { "(\(type), \(stateKey))" }

    static let create = StateKey("m.room.create")
    static let joinRules = StateKey("m.room.join_rules")
    static let powerLevels = StateKey("m.room.power_levels")

    static func member(_ user: String) -> StateKey { StateKey("m.room.member", user) }
    static func thirdPartyInvite(_ token: String) -> StateKey { StateKey("m.room.third_party_invite", token) }
}

extension Event {
    /// Where in the state this event stands; nil for a message.
    var place: StateKey? { stateKey.map { StateKey(type, $0) } }
}
