import Web

/// A request as the corpus keeps it: the first line is method and target, then come headers, an empty line and the body.
/// `<room>` and the like stand for what only a running server knows.
struct WrittenRequest {
    var method: String
    var path: String
    var query: String?
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    init(_ method: String, _ target: String, token: String? = "<token>", body: String = "") {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = parts.count > 1 ? String(parts[1]) : nil
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        self.body = Array(body.utf8)
    }

    /// Reads what is there; what is missing is empty.
    init(_ bytes: [UInt8]) {
        self.init("GET", "/", token: nil)
        var rest = bytes[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: 0x0A) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        let first = line() ?? ""
        let words = first.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(String(words.first ?? ""), words.count > 1 ? String(words[1]) : "", token: nil)
        while let header = line(), !header.isEmpty {
            let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            headers.append((String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""))
        }
        body = Array(rest)
    }

    var target: String { query.map { "\(path)?\($0)" } ?? path }

    var bytes: [UInt8] {
        let head = "\(method) \(target)\n" + headers.map { "\($0.name): \($0.value)\n" }.joined()
        return Array((head + "\n").utf8) + body
    }

    /// For the server, with what `known` says in the place of what stands for it. Nobody waits longer than some milliseconds.
    func request(_ known: [(name: String, value: String)]) -> Request {
        func filled(_ text: String) -> String {
            guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
            return known.reduce(text) { $0.replacing($1.name, with: $1.value) }
        }
        let encoded = known.map { ($0.name, percentEncoded($0.value)) }
        var target = self.target
        if target.utf8.contains(UInt8(ascii: "<")) { target = encoded.reduce(target) { $0.replacing($1.0, with: $1.1) } }
        if target.contains("timeout") { target = target.replacing(/timeout=\d{2,}/, with: "timeout=9") }
        if path.hasSuffix("/events"), !target.contains("timeout=") { target += "\(target.contains("?") ? "&" : "?")timeout=9" }
        var headers = Headers()
        for header in self.headers { headers.add(header.name, filled(header.value)) }
        var body = self.body
        if body.contains(UInt8(ascii: "<")), let text = String(validating: body, as: UTF8.self) { body = Array(filled(text).utf8) }
        return Request(Method(rawValue: method), target, headers: headers, body: body, bodyStream: BodyStream(body), remoteAddress: "127.0.0.1")
    }

    private func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
