import Matrix

/// The file that a Matrix key is kept in, as Dendrite's: PEM with the key's ID in a header.
extension SigningKey {
    private static let begin = "-----BEGIN MATRIX PRIVATE KEY-----"
    private static let end = "-----END MATRIX PRIVATE KEY-----"

    public init(pem text: String) throws {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces() }
        guard let begin = lines.firstIndex(of: Self.begin) else { throw SigningKeyError("no line \"\(Self.begin)\"") }
        let rest = lines[(begin + 1)...]
        guard let end = rest.firstIndex(of: Self.end) else { throw SigningKeyError("no line \"\(Self.end)\"") }
        var id: String?
        var base64 = ""
        for line in rest[..<end] {
            if let colon = line.firstIndex(of: ":") {
                if line[..<colon].lowercased() == "key-id" { id = line[line.index(after: colon)...].trimmingSpaces() }
            } else {
                base64 += line
            }
        }
        guard let id else { throw SigningKeyError("no header \"Key-ID\"") }
        guard let seed = Base64.decode(base64) else { throw SigningKeyError("the key is not base64") }
        try self.init(id: id, seed: seed)
    }

    public var pem: String {
        let unpadded = Base64.encode(seed)
        let padding = String(repeating: "=", count: (4 - unpadded.utf8.count % 4) % 4)
        return "\(Self.begin)\nKey-ID: \(id)\n\n\(unpadded)\(padding)\n\(Self.end)\n"
    }
}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> String {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
