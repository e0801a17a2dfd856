import Foundation

/// An address of IPv4 or IPv6; one of IPv4 that is written as one of IPv6 is the same.
public struct IPAddress: Sendable, Hashable {
    /// Sixteen bytes, those of IPv4 mapped. [RFC 4291, 2.5.5.2](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2)
    let bytes: [UInt8]
    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    public init?(_ text: some StringProtocol) {
        var v4 = in_addr(), v6 = in6_addr()
        let text = String(text.prefix { $0 != "%" })
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = Self.mapped + withUnsafeBytes(of: &v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            bytes = withUnsafeBytes(of: &v6) { Array($0) }
        } else {
            return nil
        }
    }

    public var isIPv4: Bool { bytes.starts(with: Self.mapped) }

    /// What stands for all the addresses that one customer has: one of IPv4, 2^64 of IPv6.
    public var household: String {
        (isIPv4 ? bytes[12...] : bytes[..<8]).map { String($0, radix: 16) }.joined(separator: ":")
    }
}

/// A range of addresses, as `10.0.0.0/8`, or a single one.
public struct AddressRange: Sendable, Hashable {
    private let first: IPAddress
    /// How many bits all of them have in common.
    private let length: Int

    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let part = parts.first, let address = IPAddress(part) else { return nil }
        let most = address.isIPv4 ? 32 : 128
        guard let bits = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(bits) else { return nil }
        first = address
        length = bits + 128 - most
    }

    public func contains(_ address: IPAddress) -> Bool {
        for (index, (one, other)) in zip(first.bytes, address.bytes).enumerated() {
            let bits = min(max(length - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            guard one & mask == other & mask else { return false }
        }
        return true
    }

    /// This machine and private networks, where proxies of one's own are.
    public static let nearby: [AddressRange] = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7",
        "fe80::/10",
    ].compactMap(AddressRange.init)
}
