import Contracts
import Matrix
import PushRules

/// A rule as a client wants it, checked: what is stored is evaluated for every event.
enum WantedPushRule {
    private static let most = 100

    static func kind(_ name: String) throws -> PushRuleKind {
        guard let kind = PushRuleKind(rawValue: name) else { throw MatrixError.invalidParam("Not a kind of push rule") }
        return kind
    }

    /// The rule of a call, or M_INVALID_PARAM.
    static func rule(_ call: SetPushRule, _ kind: PushRuleKind) throws -> PushRule {
        try checkName(call.ruleID)
        let body = call.rule.object ?? [:]
        guard let actions = body["actions"] else { throw MatrixError.missingParam("Missing actions") }
        var rule = PushRule(ruleID: call.ruleID, actions: try checked(actions: actions))
        switch kind {
        case .override, .underride: rule.conditions = try conditions(body["conditions"] ?? [])
        case .content:
            guard let pattern = body["pattern"] else { throw MatrixError.missingParam("Missing pattern") }
            guard let pattern = pattern.string, pattern.utf8.count <= 1024 else {
                throw MatrixError.invalidParam("pattern is not a string, or too long")
            }
            rule.pattern = pattern
        case .room, .sender: break
        }
        return rule
    }

    /// [Server-default rules](https://spec.matrix.org/v1.19/client-server-api/#predefined-rules) have the dot for themselves.
    private static func checkName(_ ruleID: String) throws {
        try check(ruleID, "rule_id", atMost: 255)
        guard !ruleID.isEmpty, !ruleID.hasPrefix("."), !ruleID.contains("/"), !ruleID.contains("\\") else {
            throw MatrixError.invalidParam("A rule's ID may not begin with a dot, nor contain slashes")
        }
    }

    /// [Actions](https://spec.matrix.org/v1.19/client-server-api/#actions), those that are no more among them.
    static func checked(actions: JSON) throws -> [JSON] {
        guard let actions = actions.array, actions.count <= most else {
            throw MatrixError.invalidParam("actions is not an array, or too long")
        }
        for action in actions {
            let isTweak = action["set_tweak"]?.string != nil
            guard isTweak || ["notify", "dont_notify", "coalesce"].contains(action.string) else {
                throw MatrixError.invalidParam("actions holds something that is no action")
            }
        }
        return actions
    }

    private static func conditions(_ json: JSON) throws -> [PushCondition] {
        guard let conditions = json.array, conditions.count <= most else {
            throw MatrixError.invalidParam("conditions is not an array, or too long")
        }
        return try conditions.map { condition in
            guard let object = condition.object, object["kind"]?.string != nil else {
                throw MatrixError.invalidParam("conditions holds something that is no condition")
            }
            return PushCondition(object)
        }
    }
}
