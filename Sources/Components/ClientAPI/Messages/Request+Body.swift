import Contracts
import Matrix
import Web

extension Request {
    /// The body's members.
    func object() throws -> JSONObject { try decode(JSONObject.self) }

    /// The body's members; none where there is no body, for endpoints that can do without.
    func objectOrNothing() throws -> JSONObject { body.isEmpty ? [:] : try object() }

    /// A device for the caller of an endpoint that logs in, as the parameters describe it.
    func newDevice(_ tokens: DeviceTokens, _ parameters: JSONObject) throws -> NewDevice {
        NewDevice(
            accessToken: tokens.access, deviceID: try parameters.optionalString("device_id"),
            displayName: try parameters.optionalString("initial_device_display_name"), ipAddress: remoteAddress,
            userAgent: headers["User-Agent"],
            refreshToken: try parameters.optionalBool("refresh_token") == true ? tokens.refresh : nil)
    }
}

extension JSONObject {
    /// A member that must be a string where it is, or M_BAD_JSON.
    func optionalString(_ key: String) throws -> String? {
        switch self[key] {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw MatrixError.badJSON("\(key) is not a string")
        }
    }

    /// A member that must be a boolean where it is, or M_BAD_JSON.
    func optionalBool(_ key: String) throws -> Bool? {
        switch self[key] {
        case nil, .null: return nil
        case .bool(let value): return value
        default: throw MatrixError.badJSON("\(key) is not a boolean")
        }
    }

    /// A member that must be there, or M_MISSING_PARAM.
    func string(_ key: String) throws -> String {
        guard let text = try optionalString(key) else { throw MatrixError.missingParam("Missing \(key)") }
        return text
    }
}
