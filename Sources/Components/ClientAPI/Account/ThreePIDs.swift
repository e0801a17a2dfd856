import Contracts
import Matrix
import Web

/// The addresses that a user has given this server, by which it reaches and knows them.
/// [Adding account administrative contact information](https://spec.matrix.org/v1.19/client-server-api/#adding-account-administrative-contact-information)
extension ClientAPI {
    /// `GET /account/3pid`
    func threePIDs(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        let reply = try await users.call(QueryThreePIDs(userID: caller.userID))
        let list = reply.threePIDs.map { item in
            JSON.object([
                "medium": .string(item.threePID.medium), "address": .string(item.threePID.address),
                "validated_at": .integer(item.validatedTS), "added_at": .integer(item.addedTS),
            ])
        }
        return .object(["threepids": .array(list)])
    }

    /// `POST /account/3pid/add`
    func addThreePID(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        let authentication = InteractiveAuthentication(
            operation: "POST /account/3pid/add", userID: caller.userID, flows: [[.password]], users: users)
        switch try await authentication.check(try request.object()) {
        case .needed(let response): return response
        case .passed(let passed): return try await add(passed.parameters, to: caller)
        }
    }

    /// `POST /account/3pid`, deprecated: as `add`, without asking for the password once more.
    func addThreePIDOfOld(_ request: Request) async throws -> Response {
        guard let credentials = try request.object()["three_pid_creds"]?.object else {
            throw MatrixError.missingParam("Missing three_pid_creds")
        }
        do {
            return try await add(credentials, to: try request.requireCaller())
        } catch var error as MatrixError where error.errcode == "M_THREEPID_AUTH_FAILED" {
            error.status = 403
            throw error
        }
    }

    private func add(_ parameters: JSONObject, to caller: Caller) async throws -> Response {
        _ = try await users.call(
            AddThreePID(
                userID: caller.userID, sid: try parameters.string("sid"), clientSecret: try parameters.string("client_secret")))
        return .empty
    }

    /// `POST /account/3pid/delete`
    func deleteThreePID(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        let body = try request.object(), threePID = try self.threePID(in: body)
        let response = try await unbind(threePID, try body.optionalString("id_server"), caller)
        _ = try await users.call(RemoveThreePID(userID: caller.userID, threePID: threePID))
        return response
    }

    /// `POST /account/3pid/bind`
    func bindThreePID(_ request: Request) async throws -> Response {
        let body = try request.object()
        try await bindings.bind(
            try body.string("id_server"), sid: try body.string("sid"), clientSecret: try body.string("client_secret"),
            token: try body.string("id_access_token"), to: try request.requireCaller().userID)
        return .empty
    }

    /// `POST /account/3pid/unbind`
    func unbindThreePID(_ request: Request) async throws -> Response {
        let body = try request.object()
        return try await unbind(
            try threePID(in: body), try body.optionalString("id_server"), try request.requireCaller())
    }

    private func unbind(_ threePID: ThreePID, _ server: String?, _ caller: Caller) async throws -> Response {
        let isUnbound = try await bindings.unbind(threePID, from: server, of: caller.userID)
        return .object(["id_server_unbind_result": isUnbound ? "success" : "no-support"])
    }

    private func threePID(in body: JSONObject) throws -> ThreePID {
        ThreePID(medium: try body.string("medium"), address: try body.string("address"))
    }
}
