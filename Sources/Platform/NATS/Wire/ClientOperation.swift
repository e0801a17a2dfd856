import Foundation
import NIOCore

/// What a client says to a server.
public enum ClientOperation: Sendable {
    case connect(ConnectOptions)
    case publish(subject: String, reply: String?, headers: Headers, payload: [UInt8])
    case subscribe(sid: UInt64, subject: String, queue: String?)
    case unsubscribe(sid: UInt64)
    case ping
    case pong

    /// The longest that this operation can be, for bounds that are checked before it is written.
    var sizeBound: Int {
        switch self {
        case .connect: 8 << 10
        case .publish(let subject, let reply, let headers, let payload):
            64 + subject.utf8.count + (reply?.utf8.count ?? 0) + (headers.isEmpty ? 0 : headers.blockLength) + payload.count
        case .subscribe(_, let subject, let queue): 64 + subject.utf8.count + (queue?.utf8.count ?? 0)
        case .unsubscribe: 64
        case .ping, .pong: 6
        }
    }

    /// Appends the operation's bytes. Subjects and headers were checked by whoever made it.
    public func write(to buffer: inout ByteBuffer) throws {
        switch self {
        case .connect(let options):
            buffer.writeStaticString("CONNECT ")
            buffer.writeBytes(try options.json())
        case .publish(let subject, let reply, let headers, let payload):
            buffer.writeStaticString(headers.isEmpty ? "PUB " : "HPUB ")
            buffer.writeString(subject)
            if let reply {
                buffer.writeStaticString(" ")
                buffer.writeString(reply)
            }
            if headers.isEmpty {
                buffer.writeString(" \(payload.count)\r\n")
            } else {
                let length = headers.blockLength
                buffer.writeString(" \(length) \(length + payload.count)\r\n")
                write(headers, to: &buffer)
            }
            buffer.writeBytes(payload)
        case .subscribe(let sid, let subject, let queue):
            buffer.writeString("SUB \(subject) \(queue.map { $0 + " " } ?? "")\(sid)")
        case .unsubscribe(let sid):
            buffer.writeString("UNSUB \(sid)")
        case .ping:
            buffer.writeStaticString("PING")
        case .pong:
            buffer.writeStaticString("PONG")
        }
        buffer.writeStaticString("\r\n")
    }

    private func write(_ headers: Headers, to buffer: inout ByteBuffer) {
        buffer.writeString(Headers.version)
        buffer.writeStaticString("\r\n")
        for field in headers.fields {
            buffer.writeString(field.name)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
    }
}

/// What a client says of itself on connecting.
public struct ConnectOptions: Sendable, Encodable {
    var verbose = false
    var pedantic = false
    var tlsRequired = false
    var name: String?
    var language = "swift"
    var version = "1"
    var protocolVersion = 1
    var echo = true
    var headers = true
    var noResponders = true
    var user: String?
    var password: String?
    var token: String?
    var jwt: String?
    var nkey: String?
    var signature: String?

    private enum CodingKeys: String, CodingKey {
        case verbose, pedantic, tlsRequired = "tls_required", name, language = "lang", version
        case protocolVersion = "protocol", echo, headers, noResponders = "no_responders"
        case user, password = "pass", token = "auth_token", jwt, nkey, signature = "sig"
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
