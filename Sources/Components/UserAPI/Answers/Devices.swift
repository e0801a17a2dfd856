import Contracts
import InternalAPI
import Matrix
import SQL

extension UserServer {
    public func call(_ call: CreateDevice) async throws -> CreateDevice.Reply {
        CreateDevice.Reply(deviceID: try await logIn(call.device, as: call.userID))
    }

    public func call(_ call: QueryAccessToken) async throws -> QueryAccessToken.Reply {
        let hash = Secret.hash(call.token)
        guard let owner = try await database.query({ try DeviceTable.owner(ofToken: hash, in: $0) }) else {
            throw MatrixError.unknownToken()
        }
        return owner
    }

    public func call(_ call: QueryDevices) async throws -> QueryDevices.Reply {
        let devices = try await database.read { tx in
            guard let deviceID = call.deviceID else { return try DeviceTable.devices(of: call.userID, in: tx) }
            guard let device = try DeviceTable.device(deviceID, of: call.userID, in: tx) else { throw unknownDevice }
            return [device]
        }
        return QueryDevices.Reply(devices: devices)
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
        try DeviceTable.upsert(device, id: id, of: userID, in: tx)
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
