import Contracts
import InternalAPI
import Matrix
import SQL

extension UserServer {
    public func call(_ call: SetPusher) async throws -> Done {
        try check(call.pusher.appID, "app_id", atMost: 64)
        try check(call.pusher.pushkey, "pushkey", atMost: 512)
        try await database.transaction { [config] tx in
            guard try DeviceTable.device(call.deviceID, of: call.userID, in: tx) != nil else { throw MatrixError.unknownToken() }
            if !call.append { try PusherTable.deleteOthers(call.pusher, than: call.userID, in: tx) }
            guard try !PusherTable.isFull(config.mostPushers, without: call.pusher, of: call.userID, in: tx) else {
                throw MatrixError.forbidden("You have \(config.mostPushers) pushers, which is all that one may have")
            }
            try PusherTable.upsert(call.pusher, of: call.userID, device: call.deviceID, in: tx)
        }
        return Done()
    }

    public func call(_ call: RemovePusher) async throws -> Done {
        try await database.transaction { try PusherTable.delete(call.pushkey, app: call.appID, of: call.userID, in: $0) }
        return Done()
    }

    public func call(_ call: QueryPushers) async throws -> QueryPushers.Reply {
        QueryPushers.Reply(pushers: try await database.read { try PusherTable.pushers(of: call.userID, in: $0) })
    }
}
