import Contracts
import Matrix
import Web

extension ClientAPI {
    private static let mostDevicesAtOnce = 1000

    /// [`DELETE /devices/{deviceId}`](https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3devicesdeviceid)
    func deleteDevice(_ request: Request) async throws -> Response {
        let deviceID = try request.parameters["deviceId"]
        return try await delete(request, "DELETE /devices/\(deviceID)", try request.objectOrNothing()) { _ in [deviceID] }
    }

    /// [`POST /delete_devices`](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3delete_devices)
    func deleteDevices(_ request: Request) async throws -> Response {
        try await delete(request, "POST /delete_devices", try request.object()) { parameters in
            guard let devices = parameters["devices"]?.array else { throw MatrixError.missingParam("Missing devices") }
            guard devices.count <= Self.mostDevicesAtOnce else { throw MatrixError.invalidParam("Too many devices at once") }
            return try devices.map { device in
                guard let deviceID = device.string else { throw MatrixError.badJSON("devices holds something else than IDs") }
                return deviceID
            }
        }
    }

    private func delete(
        _ request: Request, _ operation: String, _ body: JSONObject, _ devices: (JSONObject) throws -> [String]
    ) async throws -> Response {
        let caller = try request.requireCaller()
        let authentication = InteractiveAuthentication(
            operation: operation, userID: caller.userID, flows: [[.password]], users: users)
        switch try await authentication.check(body) {
        case .needed(let response): return response
        case .passed(let passed):
            let deviceIDs = try devices(passed.parameters).filter { !$0.utf8.contains(0) }
            _ = try await users.call(DeleteDevices(userID: caller.userID, deviceIDs: deviceIDs))
            return .empty
        }
    }
}
