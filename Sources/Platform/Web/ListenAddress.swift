/// Where a listener binds: `http://host:port`, `https://host:port`, `host:port` or `:port`, IPv6 addresses in brackets.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Empty for every address of the machine.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public init(_ text: String) throws {
        var rest = Substring(text)
        var port: Int?
        for (scheme, usual) in [("http://", 80), ("https://", 443)] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            port = usual
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        var host = rest
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            host = rest[..<colon]
            guard let number = UInt16(rest[rest.index(after: colon)...]) else { throw Invalid(text: text) }
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Invalid(text: text)
        }
        guard let port, !host.contains(where: { "/?#[]@ ".contains($0) }) else { throw Invalid(text: text) }
        self.init(host: String(host), port: port)
    }

    public struct Invalid: Error, CustomStringConvertible {
        public let text: String
        public var description: String { "\"\(text)\" is no address to listen on; write http://host:port, host:port or :port" }
    }

    /// Whether nobody but this machine can reach it.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
