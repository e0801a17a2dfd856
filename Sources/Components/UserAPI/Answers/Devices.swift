import Contracts
import InternalAPI
import Matrix
import SQL

extension UserServer {
    public func call(_ call: CreateDevice) async throws -> CreateDevice.Reply {
        CreateDevice.Reply(
            deviceID: try await logIn(call.device, as: call.userID), expiresInMS: lifetimeMS(ofTokenOf: call.device))
    }

    public func call(_ call: QueryAccessToken) async throws -> QueryAccessToken.Reply {
        let hash = Secret.hash(call.token)
        var owner = try await database.query { try DeviceTable.owner(ofToken: hash, in: $0) }
        if owner == nil { owner = try await ownerOfNew(token: hash) }
        guard let owner else { throw MatrixError.unknownToken() }
        if owner.isTooOld { throw MatrixError.unknownToken(softLogout: true) }
        if owner.unseenForMS > Self.seenEveryMS { await see(owner, call) }
        return owner.reply
    }

    /// How exactly it is known when a device was seen last.
    private static let seenEveryMS: Int64 = 600_000

    /// Nobody is refused because it could not be noted that they came.
    private func see(_ owner: DeviceTable.Owner, _ call: QueryAccessToken) async {
        let address = call.ipAddress.map { String($0.prefix(64)) }
        let agent = call.userAgent.map { String($0.filter { $0 != "\0" }.prefix(512)) }
        do {
            try await database.transaction { tx in
                try DeviceTable.see(owner.deviceID, of: owner.userID, from: address, by: agent, in: tx)
            }
        } catch {
            logger.info("a device's visit is not noted", metadata: ["user": "\(owner.userID)", "error": "\(error)"])
        }
    }

    /// How long a device's access token lasts, where it can be refreshed.
    func lifetimeMS(ofTokenOf device: NewDevice) -> Int64? {
        device.refreshToken == nil ? nil : config.accessTokenLifetimeMS
    }

    public func call(_ call: QueryDevices) async throws -> QueryDevices.Reply {
        let devices = try await database.read { tx in
            guard let deviceID = call.deviceID else { return try DeviceTable.devices(of: call.userID, in: tx) }
            guard let device = try DeviceTable.device(deviceID, of: call.userID, in: tx) else { throw unknownDevice }
            return [device]
        }
        return QueryDevices.Reply(devices: devices)
    }

    public func call(_ call: QueryConnections) async throws -> QueryConnections.Reply {
        guard !call.userID.utf8.contains(0) else { throw MatrixError.notFound("No such user") }
        let connections = try await database.read { tx in
            guard try AccountTable.exists(call.userID, in: tx) else { throw MatrixError.notFound("No such user") }
            return try DeviceTable.connections(of: call.userID, in: tx)
        }
        return QueryConnections.Reply(connections: connections)
    }

    public func call(_ call: UpdateDevice) async throws -> Done {
        try check(call.displayName, "display_name", atMost: Self.longestDeviceName)
        let wasThere = try await database.transaction { tx in
            try DeviceTable.rename(call.deviceID, of: call.userID, to: call.displayName, in: tx)
        }
        guard wasThere else { throw unknownDevice }
        return Done()
    }

    public func call(_ call: DeleteDevices) async throws -> Done {
        let gone = try await database.transaction { tx in
            guard let deviceIDs = call.deviceIDs else { return try DeviceTable.deleteAll(of: call.userID, except: nil, in: tx) }
            try DeviceTable.delete(deviceIDs, of: call.userID, in: tx)
            return deviceIDs
        }
        await tell(devicesGone: call.deviceIDs == nil ? nil : gone, of: call.userID)
        return Done()
    }

    /// Makes the device or gives it its new token, and answers with its ID.
    func logIn(_ device: NewDevice, as userID: String) async throws -> String {
        let device = try checked(device)
        let (id, replaced) = try await database.transaction { [self] tx in
            guard let account = try AccountTable.account(userID, in: tx) else { throw MatrixError.notFound("No such user") }
            if account.isDeactivated { throw MatrixError.userDeactivated() }
            if account.isLocked { throw MatrixError.userLocked() }
            return try upsert(device, of: userID, in: tx)
        }
        if replaced { await tell(devicesGone: [id], of: userID) }
        return id
    }

    /// Answers with the ID, and whether another token of the device has ended.
    func upsert(_ device: NewDevice, of userID: String, in tx: Transaction) throws -> (id: String, replaced: Bool) {
        if let owner = try DeviceTable.owner(ofToken: Secret.hash(device.accessToken), in: tx) {
            guard owner.userID == userID else { throw MatrixError.forbidden("The token is in use") }
            return (owner.deviceID, false)
        }
        let id = device.deviceID ?? Secret.deviceID(from: device.accessToken)
        let wasThere = try DeviceTable.device(id, of: userID, in: tx) != nil
        if try !wasThere && DeviceTable.hasDevices(config.mostDevices, of: userID, in: tx) {
            throw MatrixError.forbidden("You are logged in \(config.mostDevices) times: log out somewhere first")
        }
        try DeviceTable.upsert(device, id: id, of: userID, tokenLastsMS: lifetimeMS(ofTokenOf: device), in: tx)
        return (id, wasThere)
    }

    private static let longestDeviceName = 256

    /// The device as it may be stored; refuses what is too long.
    func checked(_ device: NewDevice) throws -> NewDevice {
        var device = device
        if device.deviceID == "" { device.deviceID = nil }
        try check(device.deviceID, "device_id", atMost: 255)
        try check(device.displayName, "initial_device_display_name", atMost: Self.longestDeviceName)
        device.ipAddress = device.ipAddress.map { String($0.prefix(64)) }
        device.userAgent = device.userAgent.map { String($0.filter { $0 != "\0" }.prefix(512)) }
        return device
    }
}

/// Refuses text that is too long, or that a database cannot hold.
func check(_ text: String?, _ name: String, atMost bytes: Int) throws {
    guard let text else { return }
    guard text.utf8.count <= bytes else { throw MatrixError.invalidParam("\(name) is longer than \(bytes) bytes") }
    guard !text.utf8.contains(0) else { throw MatrixError.invalidParam("\(name) contains U+0000") }
}

private let unknownDevice = MatrixError.notFound("Unknown device")
