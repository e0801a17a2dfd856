import Contracts
import Delivery
import InternalAPI
import Matrix
import Topics
import Web

extension UserServer {
    public func call(_ call: DeactivateAccount) async throws -> Done {
        let userID = call.userID
        let requestID = RequestID.current
        let told = try await database.transaction { [self] tx -> [OutboxEntry] in
            guard try AccountTable.lock(userID, in: tx) else { throw MatrixError.notFound("No such user") }
            try AccountTable.deactivate(userID, erases: call.erases, in: tx)
            _ = try DeviceTable.deleteAll(of: userID, except: nil, in: tx)
            try PusherTable.deleteAll(of: userID, in: tx)
            try ThreePIDTable.deleteAll(of: userID, in: tx)
            try TokenTable.openID.deleteAll(of: userID, in: tx)
            try TokenTable.login.deleteAll(of: userID, in: tx)
            try departures.add(userID, in: tx)
            guard call.erases else { return [] }
            try ProfileTable.update(RawJSON(.object([:])).bytes, of: userID, in: tx)
            try AccountDataTable.deleteAll(of: userID, in: tx)
            return try tell(.erasure(of: userID), for: requestID, in: tx)
        }
        publisher.nudge(told)
        await tell(devicesGone: nil, of: userID)
        return Done()
    }
}
