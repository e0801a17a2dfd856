import Contracts
import Matrix
import Web

/// Where the caller's devices want to be notified.
/// [Pushers](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushers)
extension ClientAPI {
    func pushers(_ request: Request) async throws -> Response {
        let pushers = try await users.call(QueryPushers(userID: try request.requireCaller().userID)).pushers
        return .object(["pushers": .array(pushers.map { $0.content.parsed() })])
    }

    func setPusher(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller()
        var body = try request.object()
        let appID = try body.string("app_id"), pushkey = try body.string("pushkey")
        let append = try body.optionalBool("append") ?? false
        guard body["kind"] != nil else { throw MatrixError.missingParam("Missing kind") }
        guard let kind = try body.optionalString("kind") else {
            _ = try await users.call(RemovePusher(userID: caller.userID, appID: appID, pushkey: pushkey))
            return .empty
        }
        guard kind == "http" else { throw MatrixError.invalidParam("kind: only “http” is supported") }
        for key in ["app_display_name", "device_display_name", "lang"] { _ = try body.string(key) }
        guard let url = body["data"]?["url"]?.string else { throw MatrixError.missingParam("Missing data.url") }
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), url.hasSuffix("/_matrix/push/v1/notify") else {
            throw MatrixError.invalidParam("data.url must be an HTTPS URL with the path /_matrix/push/v1/notify")
        }
        body["append"] = nil
        _ = try await users.call(
            SetPusher(
                userID: caller.userID, deviceID: caller.deviceID ?? "",
                pusher: Pusher(appID: appID, pushkey: pushkey, content: RawJSON(body)), append: append))
        return .empty
    }
}
