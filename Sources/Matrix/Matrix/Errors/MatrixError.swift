/// The one error that crosses a boundary: between components, and out to clients.
/// [Standard error response](https://spec.matrix.org/v1.19/client-server-api/#standard-error-response)
public struct MatrixError: Error, Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    public var errcode: String
    /// What is wrong, for a person.
    public var error: String
    /// What else the response says, beside `errcode` and `error`.
    public var fields: JSONObject

    public init(status: Int, errcode: String, error: String, fields: JSONObject = [:]) {
        self.status = status
        self.errcode = errcode
        self.error = error
        self.fields = fields
    }

    /// The response's body: everything but the status.
    public var body: JSONObject { fields.merging(["errcode": .string(errcode), "error": .string(error)]) }

    /// What a response says; a body that is no error of Matrix is M_UNKNOWN.
    public init(status: Int, body: [UInt8]) {
        var object = (try? JSON(parsing: body))?.object ?? [:]
        self.status = status
        errcode = object["errcode"]?.string ?? "M_UNKNOWN"
        error = object["error"]?.string ?? "Unknown error"
        object["errcode"] = nil
        object["error"] = nil
        fields = object
    }
}

/// Coded as the body; the status travels as the HTTP status, and is otherwise the code's usual one.
extension MatrixError: Codable {
    public init(from decoder: any Decoder) throws {
        var object = try JSONObject(from: decoder)
        guard let errcode = object["errcode"]?.string else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "missing errcode")
            throw DecodingError.dataCorrupted(context)
        }
        let error = object["error"]?.string ?? ""
        object["errcode"] = nil
        object["error"] = nil
        self.init(status: Self.usualStatus(of: errcode), errcode: errcode, error: error, fields: object)
    }

    public func encode(to encoder: any Encoder) throws { try body.encode(to: encoder) }

    static func usualStatus(of errcode: String) -> Int {
        switch errcode {
        case "M_FORBIDDEN", "M_GUEST_ACCESS_FORBIDDEN", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_USER_DEACTIVATED": 403
        case "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_UNAUTHORIZED": 401
        case "M_NOT_FOUND", "M_UNRECOGNIZED", "M_NOT_YET_UPLOADED": 404
        case "M_TOO_LARGE": 413
        case "M_LIMIT_EXCEEDED": 429
        case "M_UNKNOWN": 500
        default: 400
        }
    }
}
