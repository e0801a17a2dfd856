import Contracts
import InternalAPI
import Matrix
import PushRules

extension UserServer {
    public func call(_ call: SetPushRule) async throws -> Done {
        let kind = try WantedPushRule.kind(call.kind), rule = try WantedPushRule.rule(call, kind)
        return try await changePushRules(of: call.userID) {
            try $0.set(rule, kind, before: call.before, after: call.after)
        }
    }

    public func call(_ call: ChangePushRule) async throws -> Done {
        let kind = try WantedPushRule.kind(call.kind)
        let actions = try call.actions.map { try WantedPushRule.checked(actions: $0.parsed()) }
        return try await changePushRules(of: call.userID) {
            try $0.change(kind, call.ruleID) { rule in
                rule.isEnabled = call.isEnabled ?? rule.isEnabled
                rule.actions = actions ?? rule.actions
            }
        }
    }

    public func call(_ call: DeletePushRule) async throws -> Done {
        let kind = try WantedPushRule.kind(call.kind)
        return try await changePushRules(of: call.userID) { try $0.remove(kind, call.ruleID) }
    }

    private func changePushRules(
        of userID: String, _ change: @escaping @Sendable (inout PushRuleset) throws -> Void
    ) async throws -> Done {
        try await self.change("m.push_rules", of: userID, roomID: nil) { before in
            let stored = try before ?? self.defaultPushRules(for: userID)
            var rules = try JSONCoder.decode(Stored.self, from: stored)
            let unchanged = rules
            try change(&rules.global)
            return rules == unchanged ? nil : try RawJSON(validating: JSONCoder.encode(rules))
        }
        return Done()
    }

    /// What account data of the type `m.push_rules` holds.
    private struct Stored: Codable, Equatable {
        var global: PushRuleset
    }
}
