import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /account/3pid`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3account3pid)
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
}
