/// A homeserver's name: host and, possibly, port.
/// [Server name](https://spec.matrix.org/v1.19/appendices/#server-name)
public struct ServerName: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        guard Self.isValid(string) else { return nil }
        self.string = string
    }

    /// The name without port; an IPv6 address without its brackets.
    public var host: String { ServerNameParts(string)?.host ?? string }
    /// The port, when one is given that can be one.
    public var port: UInt16? { ServerNameParts(string)?.port.flatMap { UInt16($0) } }
    /// Whether the host is an address and not a name.
    public var isAddress: Bool { ServerNameParts(string).map { $0.isIPv6 || isIPv4($0.host) } ?? false }

    public static func isValid(_ string: some StringProtocol) -> Bool {
        guard string.utf8.count <= 255, let parts = ServerNameParts(string) else { return false }
        if let port = parts.port, !(1...5).contains(port.utf8.count) || !port.utf8.allSatisfy(isDigit) { return false }
        if parts.isIPv6 { return isIPv6(parts.host) }
        if looksLikeIPv4(parts.host) { return isIPv4(parts.host) }
        return !parts.host.isEmpty && parts.host.utf8.allSatisfy(isNameCharacter)
    }
}

private struct ServerNameParts {
    let host: String
    let port: String?
    let isIPv6: Bool

    init?(_ string: some StringProtocol) {
        isIPv6 = string.utf8.first == UInt8(ascii: "[")
        let rest: String
        if isIPv6 {
            guard let bracket = string.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = String(string[string.utf8.index(after: string.startIndex)..<bracket])
            rest = String(string[string.utf8.index(after: bracket)...])
        } else {
            let colon = string.utf8.firstIndex(of: UInt8(ascii: ":")) ?? string.endIndex
            host = String(string[..<colon])
            rest = String(string[colon...])
        }
        if rest.isEmpty {
            port = nil
        } else {
            guard rest.utf8.first == UInt8(ascii: ":") else { return nil }
            port = String(rest.dropFirst())
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isNameCharacter(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".")
}

private func looksLikeIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
}

private func isIPv4(_ host: some StringProtocol) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(isDigit) && UInt8($0) != nil }
}

/// [RFC 3513, section 2.2](https://www.rfc-editor.org/rfc/rfc3513#section-2.2)
private func isIPv6(_ host: String) -> Bool {
    guard (2...45).contains(host.utf8.count) else { return false }
    let halves = host.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    var groups = 0
    for (position, half) in halves.enumerated() where !half.isEmpty {
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if position == halves.count - 1, index == parts.count - 1, part.contains(".") {
                guard isIPv4(part) else { return false }
                groups += 2
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimal) else { return false }
                groups += 1
            }
        }
    }
    return halves.count == 2 ? groups < 8 : groups == 8
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
