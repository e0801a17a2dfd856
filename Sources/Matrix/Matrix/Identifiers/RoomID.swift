/// [Room IDs](https://spec.matrix.org/v1.19/appendices/#room-ids): with a server's name, or, from room version 12 on, a hash.
public struct RoomID: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        guard let parts = SplitIdentifier(string, sigil: "!"), !parts.localpart.isEmpty else { return nil }
        if let server = parts.server, !ServerName.isValid(server) { return nil }
        self.string = string
    }

    /// The server that made the room, in room versions whose room IDs say it.
    public var server: String? { SplitIdentifier(string, sigil: "!")?.server.map(String.init) }
}

/// [Room aliases](https://spec.matrix.org/v1.19/appendices/#room-aliases)
public struct RoomAlias: MatrixIdentifier {
    public let string: String
    private let colon: String.Index

    public init?(_ string: String) {
        guard let parts = SplitIdentifier(string, sigil: "#"), !parts.localpart.isEmpty, let server = parts.server,
            ServerName.isValid(server)
        else { return nil }
        self.string = string
        colon = parts.localpart.endIndex
    }

    public init?(localpart: String, server: String) {
        guard !localpart.utf8.contains(UInt8(ascii: ":")) else { return nil }
        self.init("#\(localpart):\(server)")
    }

    public var localpart: String { String(string[string.utf8.index(after: string.startIndex)..<colon]) }
    public var server: String { String(string[string.utf8.index(after: colon)...]) }
}

/// [Event IDs](https://spec.matrix.org/v1.19/appendices/#event-ids): with a server's name, or, from room version 3 on, a hash.
public struct EventID: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        guard let parts = SplitIdentifier(string, sigil: "$"), !parts.localpart.isEmpty else { return nil }
        if let server = parts.server, !ServerName.isValid(server) { return nil }
        self.string = string
    }

    /// The server that made the event, in room versions whose event IDs say it.
    public var server: String? { SplitIdentifier(string, sigil: "$")?.server.map(String.init) }
}
