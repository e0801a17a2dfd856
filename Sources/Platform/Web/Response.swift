import Matrix

/// What is answered to a ``Request``.
public struct Response: Sendable {
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Written piece by piece, as fast as the other side reads; `length` in bytes where it is known.
        case stream(length: Int?, write: @Sendable (inout BodyWriter) async throws -> Void)
    }

    public var status: Int
    public var headers: Headers
    public var body: Body

    public init(status: Int = 200, headers: Headers = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A value as JSON.
    @inline(never)
    public static func json(_ value: some Encodable, status: Int = 200) throws -> Response {
        json(bytes: try JSONCoder.encode(value), status: status)
    }

    /// JSON that is already written.
    public static func json(bytes: [UInt8], status: Int = 200) -> Response {
        Response(status: status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
    }

    /// `{}`, what an endpoint answers that has nothing to say.
    public static let empty = json(bytes: [0x7B, 0x7D])

    /// Nobody reads more of an error.
    private static let mostErrorText = 512

    /// [Standard error response](https://spec.matrix.org/v1.19/client-server-api/#standard-error-response)
    public static func error(_ error: MatrixError) -> Response {
        var error = error
        // What was asked for is named in some texts, and may be as long as the body was.
        if error.error.utf8.count > mostErrorText { error.error = error.error.prefix(mostErrorText) + "…" }
        var response = json(bytes: JSON.object(error.body).serialized(), status: error.status)
        if let milliseconds = error.fields["retry_after_ms"]?.integer {
            response.headers["Retry-After"] = String(milliseconds / 1000 + 1)
        }
        return response
    }

    public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> Response {
        Response(status: status, headers: ["Content-Type": type], body: .bytes(Array(text.utf8)))
    }

    public static func redirect(to location: String, status: Int = 307) -> Response {
        Response(status: status, headers: ["Location": location])
    }
}

/// Takes the pieces of a streamed body.
public struct BodyWriter {
    private let send: ([UInt8]) async throws -> Void

    public init(_ send: @escaping ([UInt8]) async throws -> Void) { self.send = send }

    /// Returns when the connection can take more.
    public mutating func write(_ bytes: [UInt8]) async throws { try await send(bytes) }
}
