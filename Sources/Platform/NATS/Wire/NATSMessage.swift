/// A message as a server hands it over.
public struct NATSMessage: Sendable, Hashable {
    public var subject: String
    public var reply: String?
    public var headers: Headers
    public var status: Status?
    public var payload: [UInt8]

    public init(subject: String, reply: String? = nil, headers: Headers = [:], status: Status? = nil, payload: [UInt8] = []) {
        self.subject = subject
        self.reply = reply
        self.headers = headers
        self.status = status
        self.payload = payload
    }
}
