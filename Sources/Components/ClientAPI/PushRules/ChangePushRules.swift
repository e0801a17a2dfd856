import Contracts
import Matrix
import Web

extension ClientAPI {
    /// `PUT /pushrules/global/{kind}/{ruleId}` ([push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules-api))
    func setPushRule(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        _ = try await users.call(
            SetPushRule(
                userID: caller.userID, kind: try request.parameters["kind"], ruleID: try request.parameters["ruleId"],
                rule: RawJSON(try request.object()), before: request.query.first("before"), after: request.query.first("after")))
        return .empty
    }

    /// `DELETE /pushrules/global/{kind}/{ruleId}` ([push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules-api))
    func deletePushRule(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        _ = try await users.call(
            DeletePushRule(
                userID: caller.userID, kind: try request.parameters["kind"], ruleID: try request.parameters["ruleId"]))
        return .empty
    }

    /// Puts a rule in or out of force.
    func setPushRuleEnabled(_ request: Request) async throws -> Response {
        guard let isEnabled = try request.object().optionalBool("enabled") else {
            throw MatrixError.missingParam("Missing enabled")
        }
        return try await changePushRule(request) { $0.isEnabled = isEnabled }
    }

    /// Sets what a rule does.
    func setPushRuleActions(_ request: Request) async throws -> Response {
        guard let actions = try request.object()["actions"] else { throw MatrixError.missingParam("Missing actions") }
        return try await changePushRule(request) { $0.actions = RawJSON(actions) }
    }

    private func changePushRule(_ request: Request, _ change: (inout ChangePushRule) -> Void) async throws -> Response {
        let caller = try request.requireCaller()
        var call = ChangePushRule(
            userID: caller.userID, kind: try request.parameters["kind"], ruleID: try request.parameters["ruleId"])
        change(&call)
        _ = try await users.call(call)
        return .empty
    }
}
