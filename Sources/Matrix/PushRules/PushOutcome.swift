import Matrix

/// What a matching rule does about an event.
/// [Actions](https://spec.matrix.org/v1.19/client-server-api/#actions)
public struct PushOutcome: Sendable, Hashable {
    public let kind: PushRuleKind
    public let ruleID: String
    public let notifies: Bool
    /// Every tweak that the actions set, as the push gateway gets them.
    public let tweaks: JSONObject

    public var highlights: Bool { tweaks["highlight"]?.bool ?? false }
    public var sound: String? { tweaks["sound"]?.string }

    /// Actions that are not known, or no longer, are passed over.
    init(_ kind: PushRuleKind, _ rule: PushRule) {
        var tweaks = JSONObject()
        for action in rule.actions {
            guard let name = action.object?["set_tweak"]?.string else { continue }
            tweaks[name] = action.object?["value"] ?? (name == "highlight" ? true : nil)
        }
        self.kind = kind
        ruleID = rule.ruleID
        notifies = rule.actions.contains { $0.string == "notify" }
        self.tweaks = tweaks
    }
}
