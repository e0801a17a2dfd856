import Foundation

/// Where a server listens: `nats://host:port`, `tls://user:password@host`, `host:port`, or `host`.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int
    /// The address asks for TLS, whatever the server says.
    public var tls: Bool
    var user: String?
    var password: String?

    public init(host: String, port: Int = 4222, tls: Bool = false) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    public init(_ text: String) throws {
        var rest = Substring(text), scheme = "nats"
        if let range = rest.range(of: "://") {
            scheme = rest[..<range.lowerBound].lowercased()
            rest = rest[range.upperBound...]
        }
        guard scheme == "nats" || scheme == "tls" else { throw NATSError.invalidAddress("unknown scheme \(scheme)") }
        tls = scheme == "tls"
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = parts.first.flatMap { String($0).removingPercentEncoding }
            password = parts.count > 1 ? String(parts[1]).removingPercentEncoding : nil
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        var portText: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            portText = after.hasPrefix(":") ? after.dropFirst() : nil
            guard after.isEmpty || portText != nil else { throw NATSError.invalidAddress(String(rest)) }
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts.first ?? "")
            portText = parts.count > 1 ? parts[1] : nil
        }
        port = 4222
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw NATSError.invalidAddress(String(rest))
            }
            port = number
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            throw NATSError.invalidAddress(String(rest))
        }
    }

    /// What the address itself says of who we are: a user and password, or a token alone.
    var authentication: Authentication? {
        switch (user, password) {
        case (let user?, let password?): .userPassword(user: user, password: password)
        case (let token?, nil): .token(token)
        case (nil, _): nil
        }
    }

    func isSamePlace(as other: ServerAddress) -> Bool { host == other.host && port == other.port }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
