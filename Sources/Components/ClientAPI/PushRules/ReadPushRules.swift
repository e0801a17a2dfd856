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
    ///
    /// Without a rule's ID, all of a kind, as Dendrite and Synapse answer.
    func pushRule(_ request: Request) async throws -> Response {
        guard try request.parameters["ruleId"].isEmpty else { return .object(try await rule(request)) }
        return .json(bytes: JSON.array(try await rules(ofKind: request)).serialized())
    }

    /// What is asked for in a place where no push rule can be.
    func noPushRule(_ request: Request) async throws -> Response {
        throw MatrixError.invalidParam("There are no such push rules")
    }

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

    private func rules(ofKind request: Request) async throws -> [JSON] {
        let kind = try request.parameters["kind"]
        guard ["override", "content", "room", "sender", "underride"].contains(kind) else {
            throw MatrixError.invalidParam("Not a kind of push rule")
        }
        return try await rules(of: request)["global"]?[kind]?.array ?? []
    }

    private func rule(_ request: Request) async throws -> JSONObject {
        let ruleID = try request.parameters["ruleId"]
        guard let rule = try await rules(ofKind: request).first(where: { $0["rule_id"]?.string == ruleID })?.object else {
            throw MatrixError.notFound("No such push rule")
        }
        return rule
    }
}
