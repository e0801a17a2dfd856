import Foundation
import Web

/// A value that has been read as its key's kind.
enum ConfigurationValue: Sendable, Equatable {
    case string(String)
    case boolean(Bool)
    case integer(Int64)
    /// Nil is "without end", written `-1`.
    case duration(Duration?)
    case strings([String])
    case urls([URL])
    case address(ListenAddress)
    case database(DatabaseAddress, text: String)
    /// What is accepted unread.
    case unread
}

/// What a key takes.
enum ValueKind: Sendable {
    case string
    case boolean
    case integer(ClosedRange<Int64>)
    /// A Go duration; a bare number counts in this unit, `-1` is without end.
    case duration(bare: Duration)
    /// One URL or, with `list`, one or several.
    case url(schemes: [String], list: Bool)
    /// A URL of which host and port are where a server listens.
    case address
    case strings
    /// Addresses of NATS servers, with or without `nats://` or `tls://`.
    case natsServers
    case database
    case choice([String])
    /// Any YAML.
    case anything

    /// What an operator is told to write.
    var mend: String {
        switch self {
        case .string: "Write a string"
        case .boolean: "Write true or false"
        case .integer(let range):
            range.upperBound == .max
                ? "Write a whole number, \(range.lowerBound) or more"
                : "Write a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: "Write a duration such as 168h0m0s, 5m or 500ms"
        case .url(let schemes, let list):
            "Write \(list ? "one URL or a list of URLs" : "a URL") such as \(schemes.first ?? "http")://localhost:7770"
        case .address: "Write where to listen as http://HOST:PORT, for example http://localhost:7770 or http://[::]:8071"
        case .strings: "Write a list of strings, for example [\"one\", \"two\"]"
        case .natsServers: "Write a list of addresses, for example [\"localhost:4222\", \"tls://nats.example.org:4222\"]"
        case .database: "Write file:NAME.db or postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=disable"
        case .choice(let words): "Write one of: \(words.joined(separator: ", "))"
        case .anything: "Write any YAML"
        }
    }
}

extension ValueKind {
    /// Whether a key with nothing after it is a value; otherwise it is as if the key were absent.
    var takesNothing: Bool {
        switch self {
        case .strings, .natsServers, .anything: true
        default: false
        }
    }

    /// Nil when `node` is not of this kind.
    func read(_ node: YAMLNode) -> ConfigurationValue? {
        switch self {
        case .string: node.text.map { .string($0) }
        case .boolean: node.boolean.map { .boolean($0) }
        case .integer(let range): node.integer.flatMap { range.contains($0) ? .integer($0) : nil }
        case .duration(let bare): Self.duration(node, bare: bare)
        case .url(let schemes, let list): Self.urls(node, schemes: schemes, list: list)
        case .address: node.text.flatMap { try? ListenAddress($0) }.map { .address($0) }
        case .strings: Self.strings(node).map { .strings($0) }
        case .natsServers:
            Self.strings(node).flatMap { list in
                let servers = list.compactMap(Self.natsServer)
                return servers.count == list.count ? .urls(servers) : nil
            }
        case .database: node.text.flatMap { text in DatabaseAddress(text).map { .database($0, text: text) } }
        case .choice(let words): node.text.flatMap { words.contains($0) ? .string($0) : nil }
        case .anything: .unread
        }
    }

    private static func strings(_ node: YAMLNode) -> [String]? {
        guard !node.isNull else { return [] }
        guard let items = node.items else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    private static func duration(_ node: YAMLNode, bare: Duration) -> ConfigurationValue? {
        guard let text = node.text else { return nil }
        if text == "-1" { return .duration(nil) }
        if let number = Int64(text) {
            guard number >= 0, number <= Int64(Int32.max) || bare == .nanoseconds(1) else { return nil }
            return .duration(bare * Int(number))
        }
        guard let duration = GoDuration.parse(text), duration >= .zero else { return nil }
        return .duration(duration)
    }

    private static func urls(_ node: YAMLNode, schemes: [String], list: Bool) -> ConfigurationValue? {
        let texts = node.text.map { [$0] } ?? (list ? strings(node) : nil) ?? []
        let urls = texts.compactMap { url($0, schemes: schemes) }
        return urls.isEmpty || urls.count != texts.count ? nil : .urls(urls)
    }

    private static func url(_ text: String, schemes: [String]) -> URL? {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), schemes.contains(scheme),
            let host = url.host, !host.isEmpty
        else { return nil }
        return url
    }

    private static func natsServer(_ text: String) -> URL? {
        guard let url = url(text.contains("://") ? text : "nats://\(text)", schemes: ["nats", "tls"]) else { return nil }
        return (url.port.map { (1...65535).contains($0) } ?? true) ? url : nil
    }
}
