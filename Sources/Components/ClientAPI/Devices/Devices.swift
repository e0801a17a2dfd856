import Contracts
import Matrix
import Web

extension ClientAPI {
    /// [`GET /devices`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devices)
    func devices(_ request: Request) async throws -> QueryDevices.Reply {
        try await users.call(QueryDevices(userID: try request.requireCaller().userID))
    }

    /// [`GET /devices/{deviceId}`](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devicesdeviceid)
    func device(_ request: Request) async throws -> Device {
        let query = QueryDevices(
            userID: try request.requireCaller().userID, deviceID: try request.parameters["deviceId"])
        guard let device = try await users.call(query).devices.first else { throw MatrixError.notFound("Unknown device") }
        return device
    }

    /// [`PUT /devices/{deviceId}`](https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3devicesdeviceid)
    func renameDevice(_ request: Request) async throws -> Response {
        let caller = try request.requireCaller(), deviceID = try request.parameters["deviceId"]
        guard let name = try request.object().optionalString("display_name") else {
            // Nothing to change, but of a device that is there.
            _ = try await users.call(QueryDevices(userID: caller.userID, deviceID: deviceID))
            return .empty
        }
        _ = try await users.call(UpdateDevice(userID: caller.userID, deviceID: deviceID, displayName: name))
        return .empty
    }
}
