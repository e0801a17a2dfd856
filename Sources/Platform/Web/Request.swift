import Matrix

/// A request as a handler sees it: matched, decoded, bounded, its caller known.
public struct Request: Sendable {
    public var method: Method
    /// The path as it was sent, percent-encoded, without the query.
    public var path: String
    /// The query as it was sent.
    public var rawQuery: String
    /// The path's parameters by their names in the template, percent-decoded.
    public var parameters = Parameters()
    public var query: Query
    public var headers: Headers
    /// The whole body, within the endpoint's limit; empty where the endpoint streams.
    public var body: [UInt8]
    /// The body as it arrives; for endpoints with ``BodyLimit/stream(_:)``, and to be read once.
    public var bodyStream: BodyStream
    /// The address of the other side, or what a trusted proxy said that it was.
    public var remoteAddress: String?
    public var requestID: String
    /// Who called, once ``Access`` has been checked; absent on open endpoints.
    public var caller: Caller?
    /// The homeserver which signed the request, on endpoints with ``Access/server``.
    public var origin: String?

    public init(
        _ method: Method, _ target: String, headers: Headers = [:], body: [UInt8] = [], bodyStream: BodyStream? = nil,
        remoteAddress: String? = nil, requestID: String = RequestID.generate()
    ) {
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.method = method
        path = String(target[..<(mark ?? target.endIndex)])
        rawQuery = mark.map { String(target[target.utf8.index(after: $0)...]) } ?? ""
        query = Query(rawQuery)
        self.headers = headers
        self.body = body
        self.bodyStream = bodyStream ?? BodyStream(body)
        self.remoteAddress = remoteAddress
        self.requestID = requestID
    }

    /// The access token from the `Authorization` header, or else from the query.
    /// [Using access tokens](https://spec.matrix.org/v1.19/client-server-api/#using-access-tokens)
    public var accessToken: String? {
        if let header = headers["Authorization"] {
            let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1].drop { $0 == " " }) }
        }
        return query.first("access_token")
    }

    /// The body as a value, or `M_NOT_JSON` or `M_BAD_JSON`.
    public func decode<T: Decodable>(_ type: T.Type) throws -> T { try JSONCoder.decode(type, from: body, .lenient) }

    /// The caller on an endpoint that has one.
    public func requireCaller() throws -> Caller {
        guard let caller else { throw MatrixError.missingToken() }
        return caller
    }
}
