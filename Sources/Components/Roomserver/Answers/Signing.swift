import Contracts
import Matrix
import RoomRules

extension Roomserver {
    public func call(_ call: SignRequest) async throws -> SignRequest.Reply {
        var request: JSONObject = [
            "method": .string(call.method), "uri": .string(call.uri), "origin": .string(config.serverName),
            "destination": .string(call.destination),
        ]
        request["content"] = call.content?.parsed()
        let key = config.signingKey
        let signed = try key.sign(request, as: config.serverName)
        guard let signature = signed["signatures"]?[config.serverName]?[key.id]?.string else { throw MatrixError.unknown() }
        let parts = [
            ("origin", config.serverName), ("destination", call.destination), ("key", key.id), ("sig", signature),
        ]
        return SignRequest.Reply(authorization: "X-Matrix " + parts.map { "\($0)=\"\($1)\"" }.joined(separator: ","))
    }
}
