import Contracts
import Matrix
import Web

extension ClientAPI {
    /// `GET /pushrules/` ([push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules-api))
    func pushRules(_ request: Request) async throws -> Response {
        .object(try await rules(of: request))
    }

    /// `GET /pushrules/global/` ([push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules-api))
    func globalPushRules(_ request: Request) async throws -> Response {
        .json(bytes: (try await rules(of: request)["global"] ?? [:]).serialized())
    }

    /// `GET /pushrules/global/{kind}/{ruleId}` ([push rules](https://spec.matrix.org/v1.19/client-server-api/#push-rules-api))
    func pushRule(_ request: Request) async throws -> Response { .object(try await rule(request)) }

    /// Whether a rule is in force.
    func pushRuleEnabled(_ request: Request) async throws -> Response {
        let isEnabled = try await rule(request)["enabled"] ?? true
        return .object(["enabled": isEnabled])
    }

    /// What a rule does.
    func pushRuleActions(_ request: Request) async throws -> Response {
        let actions = try await rule(request)["actions"] ?? []
        return .object(["actions": actions])
    }

    private func rules(of request: Request) async throws -> JSONObject {
        let caller = try request.requireCaller()
        return try await users.call(QueryPushRules(userID: caller.userID)).rules.object ?? [:]
    }

    private func rule(_ request: Request) async throws -> JSONObject {
        let kind = try request.parameters["kind"], ruleID = try request.parameters["ruleId"]
        guard ["override", "content", "room", "sender", "underride"].contains(kind) else {
            throw MatrixError.invalidParam("Not a kind of push rule")
        }
        let rules = try await rules(of: request)["global"]?[kind]?.array ?? []
        guard let rule = rules.first(where: { $0["rule_id"]?.string == ruleID })?.object else {
            throw MatrixError.notFound("No such push rule")
        }
        return rule
    }
}
