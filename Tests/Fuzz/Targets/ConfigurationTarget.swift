import Foundation
import Setup

/// A configuration file: read, it is a configuration, or messages that say what is wrong; never anything else.
public final class ConfigurationTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    private let mutations: Mutations

    public init() throws {
        let example = try String(contentsOfFile: "\(Self.repository)/dendrite-config.yaml", encoding: .utf8)
        seeds = try (Self.sections(of: example) + [Self.complete, GeneratedConfiguration(server: "a.org", database: nil, isPolylith: true).text()]
            + Self.odd).map { Array($0.utf8) }
        mutations = Mutations(bytes: ByteMutator(words: Self.words.map { Array($0.utf8) }, longest: 3072), json: nil)
    }

    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The sections of a file without its comments, each by itself: small, so that there are many in a second.
    private static func sections(of text: String) -> [String] {
        var sections: [String] = []
        for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("#") {
            if line.first == " " || line.first == "-", !sections.isEmpty {
                sections[sections.count - 1] += "\n" + line
            } else {
                sections.append(String(line))
            }
        }
        return sections
    }

    /// With nothing wrong, except that there is no key.
    private static let complete = """
        version: 2
        global: {server_name: a.org, private_key: /dev/null, database: {connection_string: "postgres://a:b@c/d"}, jetstream: {addresses: ["n:1"]}}
        logging: [{type: std, level: info}]
        user_api: {bcrypt_cost: 4, email: {enabled: true, from: "A <a@b.org>", smtp: {host: "m:25"}}}
        """
    private static let odd = [
        "", "\n", "a", "- a", "[]", "{}", "~", "--- a\n--- b", "version: 2\nversion: 2", "a: &a [1]\nb: *a\nc: {<<: {x: y}, <<: [{z: 1}]}",
        "? [a, b]\n: c\n? {d: e}\n: f", "a: !!binary aGk=\nb: !!float 1\nc: !x y", "%YAML 1.1\n---\na: |\n  text\n   more\nb: >-\n  folded\n",
        "\"a\\x41\\u0041\\U0001F600\": 'it''s'", "logging:\n- type: file\n  params: {path: ./x}\n- {type: std}", "\u{FEFF}a: 1", "a: 1 # c",
    ]
    private static let words = [
        ": ", "- ", "\n", "\n  ", "\n- ", "[", "]", "{", "}", "&a ", "*a", "<<: ", "!!str ", "!!int ", "!x ", "|\n", ">\n", "'", "\"", "#", "? ", "%", "---\n",
        "...\n", "~", "null", "true", "false", "-1", "168h0m0s", "1e9h", "9223372036854775807ns", "0x1F", "1_000", "file:", "file:x.db", "postgres://",
        "http://[::1]:80", "http://localhost:99999", "http://:8008", "nats://a:4222", "\\", "\"\\ud800\"", "\"\\0\"", "\t", "\r\n", "\u{85}", "\u{2028}",
        "global:", "version: 2", "server_name: ", "private_key: ", "database:", "connection_string: ", "max_open_conns: ", "conn_max_lifetime: ",
        "jetstream:", "addresses: ", "internal_api:", "listen: ", "connect: ", "external_api:", "logging:", "level: ", "params:", "path: ", "user_api:",
        "client_api:", "rate_limiting:", "cooloff_ms: ", "threshold: ", "email:", "smtp:", "host: ", "from: ", "recaptcha_siteverify_api: ",
    ]

    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        if random.oneIn(8) { return Array((input + [0x0A] + other).prefix(3072)) }
        return mutations.mutated(input, with: other, using: &random)
    }

    public func take(_ input: [UInt8]) throws -> Kind {
        let modes: [ConfigurationMode] = [.tool, .monolith, .polylith(.clientapi), .polylith(.syncapi, externalListen: "http://:1")]
        let mode = modes[Int(input.fingerprint % 4)]
        do {
            let configuration = try Configuration.load(Data(input), file: "x.yaml", mode: mode)
            return Kind(1, configuration.warnings.count, configuration.logging.count, configuration.email == nil ? 0 : 1)
        } catch {
            try require(!error.problems.isEmpty, "refused for no reason")
            var kind = Kind(2, min(error.problems.count, 8))
            for problem in error.problems.prefix(3) {
                try require(!problem.problem.isEmpty && !problem.mend.isEmpty, "a problem that says nothing, of \(problem.key)")
                kind.add(problem.key)
                kind.add(problem.problem)
            }
            try require(error.description.utf8.count < 1 << 20, "messages of \(error.description.utf8.count) bytes")
            return kind
        }
    }
}
