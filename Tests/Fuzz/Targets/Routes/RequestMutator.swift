/// Changes a request: a part of its path, its query, its headers, its body.
struct RequestMutator {
    private let body: Mutations
    private let text = ByteMutator(words: Self.pieces.map { Array($0.utf8) }, longest: 600)

    init() {
        let words = Self.words.map { Array("\"\($0)\"".utf8) }
        body = Mutations(bytes: ByteMutator(words: words), json: JSONMutator(words: words))
    }

    private static let words = [
        "<alice>", "<bob>", "<room>", "<old>", "<event>", "<alias>", "<since>", "@nobody:fuzz.example", "@x:elsewhere.example", "!x:elsewhere.example",
        "#x:elsewhere.example", "m.room.create", "m.room.member", "m.room.power_levels", "m.room.redaction", "join", "leave", "ban", "invite", "knock",
        "public", "private", "m.login.password", "m.login.dummy", "m.id.user", "1", "11", "12", "13", "m.read", "m.read.private", "m.fully_read", "*", "",
    ]
    private static let pieces = [
        "%00", "a%00b", "%FF", "%C0%80", "%ZZ", "%", "%F0%9F%92%A9", "%2F", "..", ".", "*", "%0D%0A", "%20", "+", "-1", "0", "9223372036854775807",
        "9223372036854775808", "1.5", "true", "false", "null", "%7B%7D", "%5B%5D", "@", "%40a%3A", "%21x%3Ay", "%23x%3Aelsewhere.example", "%24event", "s1_",
        "s1_-1", "s1_99999999999999999999", "s1_5", "<since>", "<alice>", "<bob>", "<room>", "<old>", "<event>", "<alias>", "<filter>", "<media>", "m.room.member",
        "m.room.create", "m.room.redaction", "m.room.power_levels", "m.room.aliases", "m.room.message", "join", "b", "f", "event", "content", "",
        "{\"room\":{\"timeline\":{\"limit\":1}}}", "{\"lazy_load_members\":true}", "{\"types\":[\"m.*\"]}", "{\"room\":{\"rooms\":[]}}", String(repeating: "x", count: 300),
    ]
    private static let fields = [
        "since", "timeout", "filter", "full_state", "set_presence", "use_state_after", "from", "to", "dir", "limit", "at", "membership", "not_membership", "kind",
        "username", "format", "server", "access_token", "user_id", "filename", "allow_remote", "ts", "x",
    ]

    func mutated(_ bytes: [UInt8], with otherBytes: [UInt8], using random: inout SplitMix) -> [UInt8] {
        var written = WrittenRequest(bytes)
        let other = WrittenRequest(otherBytes)
        for _ in 0..<1 + random.below(random.oneIn(4) ? 3 : 1) {
            switch random.below(20) {
            case 0..<9: written.body = body.mutated(written.body, with: other.body, using: &random)
            case 9: written.body = other.body
            case 10...12: changePath(&written, with: other, using: &random)
            case 13...15: changeQuery(&written, with: other, using: &random)
            case 16: changeHeaders(&written, using: &random)
            case 17: written.method = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "X"][random.below(8)]
            default: if let token = ["<bobs>", "<guest>", "none", "<token>"].randomElement(using: &random) { written.headers = [("Authorization", "Bearer \(token)")] }
            }
        }
        return written.bytes
    }

    private func changePath(_ written: inout WrittenRequest, with other: WrittenRequest, using random: inout SplitMix) {
        var segments = written.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // The first four lead to the endpoint.
        let place = random.oneIn(6) ? random.below(segments.count) : min(segments.count - 1, 4 + random.below(max(1, segments.count - 4)))
        switch random.below(6) {
        case 0:
            var changed = Array(segments[place].utf8)
            text.mutate(&changed, with: Array(other.path.utf8), using: &random)
            segments[place] = clean(changed)
        case 1: segments.insert(Self.pieces[random.below(Self.pieces.count)], at: place)
        case 2: if segments.count > 2 { segments.remove(at: place) }
        default: segments[place] = Self.pieces[random.below(Self.pieces.count)]
        }
        written.path = segments.joined(separator: "/")
    }

    private func changeQuery(_ written: inout WrittenRequest, with other: WrittenRequest, using random: inout SplitMix) {
        var pairs = (written.query ?? "").split(separator: "&").map(String.init)
        let value = random.oneIn(3) ? ByteMutator.numbers[random.below(ByteMutator.numbers.count)] : Self.pieces[random.below(Self.pieces.count)]
        switch random.below(4) {
        case 0:
            var changed = Array((written.query ?? "").utf8)
            text.mutate(&changed, with: Array((other.query ?? "").utf8), using: &random)
            written.query = clean(changed)
            return
        case 1: if !pairs.isEmpty { pairs.remove(at: random.below(pairs.count)) }
        case 2:
            if !pairs.isEmpty {
                let place = random.below(pairs.count)
                pairs[place] = "\(pairs[place].prefix { $0 != "=" })=\(value)"
            }
        default: pairs.append("\(Self.fields[random.below(Self.fields.count)])=\(value)")
        }
        written.query = pairs.joined(separator: "&")
    }

    private func changeHeaders(_ written: inout WrittenRequest, using random: inout SplitMix) {
        let header = [
            ("Content-Type", "text/html; charset=\u{E9}"), ("Content-Type", String(repeating: "a/", count: 200)), ("Content-Type", ""), ("Range", "bytes=5-1"),
            ("If-None-Match", "*"), ("X-Forwarded-For", "1.2.3.4, \u{E9}"), ("Content-Length", "-1"), ("Authorization", "Basic x"), ("Authorization", "Bearer"),
            ("Authorization", "bearer  <token>"), ("Authorization", "Bearer \(String(repeating: "t", count: 600))"), ("Origin", "https://x"), ("X-Request-Id", "\u{1F600}"),
            ("X-Deadline-Ms", "-5"), ("X-Deadline-Ms", "99999999999999999999"), ("Cookie", "a=b"),
        ][random.below(16)]
        if random.oneIn(4) { written.headers = [] }
        written.headers.append(header)
    }

    /// Without what would end the line that it stands in.
    private func clean(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.filter { $0 != 0x0A && $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }
}
