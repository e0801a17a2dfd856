import Contracts
import Matrix

extension UserServer {
    public func call(_ call: RefreshAccessToken) async throws -> RefreshAccessToken.Reply {
        let shown = Secret.hash(call.refreshToken)
        let token = Secret.hash(call.newAccessToken), refresh = Secret.hash(call.newRefreshToken)
        let lastingMS = config.accessTokenLifetimeMS
        let (device, ended) = try await database.transaction { tx in
            // Whoever shows the next refresh token has it, and so needs the one before no more.
            let ended = try DeviceTable.useNext(refresh: shown, in: tx)
            guard let device = try DeviceTable.device(refreshedBy: shown, in: tx) else {
                throw MatrixError.unknownToken(softLogout: true)
            }
            try DeviceTable.setNext(token: token, refresh: refresh, lastingMS: lastingMS, of: device, in: tx)
            return (device, ended)
        }
        if ended { await tell(devicesGone: [device.deviceID], of: device.userID) }
        return RefreshAccessToken.Reply(expiresInMS: lastingMS)
    }

    /// The owner of a token that was given out by a refresh and is used for the first time, which ends the one before.
    func ownerOfNew(token hash: [UInt8]) async throws -> DeviceTable.Owner? {
        guard try await database.query({ try DeviceTable.isNext(token: hash, in: $0) }) else { return nil }
        let owner = try await database.transaction { tx in
            try DeviceTable.useNext(token: hash, in: tx)
            return try DeviceTable.owner(ofToken: hash, in: tx)
        }
        if let owner { await tell(devicesGone: [owner.deviceID], of: owner.userID) }
        return owner
    }
}
