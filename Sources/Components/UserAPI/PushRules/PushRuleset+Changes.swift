import Matrix
import PushRules

/// Changes that a user makes to their rules, which leave alone what every user has.
/// [Push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules)
extension PushRuleset {
    /// Adds a rule above the user's others of the kind, or puts it in the place of the one with its ID; beside a neighbour
    /// where one is named.
    mutating func set(_ rule: PushRule, _ kind: PushRuleKind, before: String?, after: String?) throws {
        var rules = self[kind]
        var rule = rule
        let place = rules.firstIndex { $0.ruleID == rule.ruleID }
        if let place {
            rule.isEnabled = rules[place].isEnabled
            rules.remove(at: place)
        }
        let isAlone = before == nil && after == nil
        let index = try isAlone && place != nil ? place ?? 0 : Self.place(in: rules, before: before, after: after)
        rules.insert(rule, at: min(index, rules.count))
        self[kind] = rules
    }

    private static func place(in rules: [PushRule], before: String?, after: String?) throws -> Int {
        func index(of neighbour: String) throws -> Int {
            guard let index = rules.firstIndex(where: { $0.ruleID == neighbour && !$0.isDefault }) else {
                throw MatrixError.invalidParam("There is no rule \(neighbour) of your own to stand beside")
            }
            return index
        }
        if let after { return try index(of: after) + 1 }
        if let before { return try index(of: before) }
        // The master rule stays above everything.
        return rules.firstIndex { $0.ruleID != ".m.rule.master" } ?? rules.count
    }

    /// Changes the rule with this ID, or throws M_NOT_FOUND.
    mutating func change(_ kind: PushRuleKind, _ ruleID: String, _ change: (inout PushRule) -> Void) throws {
        guard let index = self[kind].firstIndex(where: { $0.ruleID == ruleID }) else { throw Self.unknown }
        change(&self[kind][index])
    }

    /// Removes a rule of the user's own, or throws M_NOT_FOUND.
    mutating func remove(_ kind: PushRuleKind, _ ruleID: String) throws {
        guard let index = self[kind].firstIndex(where: { $0.ruleID == ruleID && !$0.isDefault }) else { throw Self.unknown }
        self[kind].remove(at: index)
    }

    private static var unknown: MatrixError { .notFound("No such push rule") }
}
