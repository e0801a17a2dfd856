import Matrix

/// Under which conditions an event notifies a user, and how.
/// [Push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules)
public struct PushRule: Sendable, Hashable, Codable {
    public var ruleID: String
    public var isDefault: Bool
    public var isEnabled: Bool
    /// Of `override` and `underride` rules.
    public var conditions: [PushCondition]?
    /// Of `content` rules.
    public var pattern: String?
    public var actions: [JSON]

    private enum CodingKeys: String, CodingKey {
        case ruleID = "rule_id"
        case isDefault = "default"
        case isEnabled = "enabled"
        case conditions, pattern, actions
    }

    public init(
        ruleID: String, isDefault: Bool = false, isEnabled: Bool = true, conditions: [PushCondition]? = nil,
        pattern: String? = nil, actions: [JSON]
    ) {
        self.ruleID = ruleID
        self.isDefault = isDefault
        self.isEnabled = isEnabled
        self.conditions = conditions
        self.pattern = pattern
        self.actions = actions
    }
}

/// All the push rules of a user, of each kind the most important first.
public struct PushRuleset: Sendable, Hashable, Codable {
    public var override: [PushRule] = []
    public var content: [PushRule] = []
    public var room: [PushRule] = []
    public var sender: [PushRule] = []
    public var underride: [PushRule] = []

    public init() {}

    public subscript(kind: PushRuleKind) -> [PushRule] {
        get {
            switch kind {
            case .override: override
            case .content: content
            case .room: room
            case .sender: sender
            case .underride: underride
            }
        }
        set {
            switch kind {
            case .override: override = newValue
            case .content: content = newValue
            case .room: room = newValue
            case .sender: sender = newValue
            case .underride: underride = newValue
            }
        }
    }

    /// The rule of this kind and ID, if there is one.
    public func rule(_ kind: PushRuleKind, _ ruleID: String) -> PushRule? { self[kind].first { $0.ruleID == ruleID } }
}
