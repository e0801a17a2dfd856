import Foundation
import TestSupport
import Testing
import Web

@testable import Setup

let signingKey = """
    -----BEGIN MATRIX PRIVATE KEY-----
    Key-ID: ed25519:test

    YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA0=
    -----END MATRIX PRIVATE KEY-----

    """

@Suite struct ConfigurationTests {
    let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.write(signingKey, to: "key.pem")
    }

    /// A configuration that is right, but for what a test adds to `global` and after it.
    private func minimal(global: String = "", rest: String = "") throws -> String {
        let databases = ComponentName.allCases.filter { rest.contains("\n\($0.section):") == false }.compactMap { component in
            component.databaseKey.map { key in
                "\(component.section): { \(key.split(separator: ".")[1]): { connection_string: \"file:\(folder.path)/\(component.rawValue).db\" } }"
            }
        }
        return """
            version: 2
            global:
              server_name: example.org
              private_key: \(folder.path)/key.pem
            \(global)
            \(databases.joined(separator: "\n"))
            \(rest)
            """
    }

    private func load(_ text: String, _ mode: ConfigurationMode = .monolith) throws -> Configuration {
        try Configuration.load(path: folder.write(text, to: "dendrite.yaml"), mode: mode)
    }

    private func problems(_ text: String, _ mode: ConfigurationMode = .monolith) throws -> [ConfigurationError.Problem] {
        do {
            _ = try load(text, mode)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        }
    }

    @Test func whatTheFileDoesNotSayHasItsDefault() throws {
        let configuration = try load(minimal())
        #expect(configuration.warnings == [])
        #expect(configuration.global.serverName == "example.org")
        #expect(configuration.defaultRoomVersion == "12")
        #expect(configuration.bcryptCost == 10)
        #expect(configuration.mediaAPI.maxFileSizeBytes == 10_485_760)
        #expect(configuration.clientAPI.registrationDisabled)
        #expect(configuration.global.jetStream.addresses.isEmpty)
        #expect(configuration.logging == [.init(target: .standardError, level: "info", json: false)])
        #expect(configuration.database(of: .mediaapi)?.maxOpenConnections == 5)
        #expect(configuration.database(of: .roomserver)?.connectionMaxLifetime == nil)
        #expect(configuration.database(of: .clientapi) == nil)
        #expect(configuration.addresses(of: .syncapi).externalListen == ListenAddress(host: "::", port: 8073))
        #expect(configuration.addresses(of: .userapi).internalConnect == [URL(string: "http://localhost:7781")])
    }

    @Test func theSampleLoadsInEveryModeWithoutAWarning() throws {
        let sample = try String(contentsOfFile: "\(repository)/dendrite-config.yaml", encoding: .utf8)
            .replacing("private_key: matrix_key.pem", with: "private_key: \(folder.path)/key.pem")
        #expect(try load(sample).warnings == [])
        let withNATS = sample.replacing("addresses: []", with: "addresses: [\"localhost:4222\"]")
        for component in ComponentName.allCases {
            #expect(try load(withNATS, .polylith(component)).warnings == [])
        }
    }

    @Test func theSampleNamesEveryKeyThatIsActedOnWithItsDefault() throws {
        let sample = try String(contentsOfFile: "\(repository)/dendrite-config.yaml", encoding: .utf8)
            .replacing(/(?m)^( *)#(- |(?:  +)?[a-z_]+:)/, with: { "\($0.output.1)\($0.output.2)" })
        let values = ConfigurationValues(try YAMLFile.read(Data(sample.utf8), of: "uncommented.yaml"))
        for key in KeyTable.keys where key.acted {
            let paths = key.path.contains("[]") ? (0...1).map { key.path.replacing("[]", with: "[\($0)]") } : [key.path]
            let given = paths.compactMap { values.given[$0] }
            #expect(!given.isEmpty, "\(key.path) is missing from dendrite-config.yaml")
            if let standard = key.standard, !key.path.contains("[]"), let first = given.first {
                #expect(try first.value == key.kind.read(YAMLFile.parse(standard)), "\(key.path)")
            }
        }
    }

    @Test func everyKeyOfTheSurveyOfDendriteIsKnown() throws {
        for path in try String(contentsOfFile: "\(repository)/Tests/Vectors/dendrite-keys.txt", encoding: .utf8).split(
            separator: "\n")
        {
            let found = KeyTable.keys.contains { $0.path.replacing("[]", with: "") == path }
            #expect(found, "\(path)")
        }
    }

    @Test func unknownKeysAndThoseWithoutEffectAreWarnedOfWithTheirPlace() throws {
        let configuration = try load(
            minimal(
                global: "  servername: x\n  presence_enabled: true",
                rest: "nonsense:\n  a: 1\nlogging:\n  - type: std\n    colour: red"))
        let lines = try String(contentsOfFile: "\(folder.path)/dendrite.yaml", encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        func line(_ text: String) -> Int { (lines.firstIndex { $0.contains(text) } ?? -2) + 1 }
        #expect(
            configuration.warnings == [
                "global.servername (line \(line("servername: x"))) is not known and is ignored",
                "global.presence_enabled (line \(line("presence_enabled"))) is known, but nothing acts on it yet",
                "nonsense (line \(line("  a: 1"))) is not known and is ignored",
                "logging[0].colour (line \(line("colour"))) is not known and is ignored",
            ])
    }

    @Test(arguments: [
        ("  disable_federation: perhaps", "global.disable_federation", "perhaps"),
        ("  disable_federation: \"true\"", "global.disable_federation", "\"true\""),
        ("  key_validity_period: tomorrow", "global.key_validity_period", "tomorrow"),
        ("  key_validity_period: -5m", "global.key_validity_period", "-5m"),
        ("  jetstream: { addresses: [\"http://localhost:1\"] }", "global.jetstream.addresses", "(hidden)"),
        ("  jetstream: [1, 2]", "global.jetstream", "a list"),
        ("  metrics: true", "global.metrics", "true"),
        (
            "room_server: { default_room_version: \"13\", database: { connection_string: \"file:r.db\" } }",
            "room_server.default_room_version", "\"13\""
        ),
        ("user_api: { bcrypt_cost: 3, account_database: { connection_string: \"file:r.db\" } }", "user_api.bcrypt_cost", "3"),
        (
            "key_server: { database: { connection_string: \"postgres:/u:secret@h/d\" } }",
            "key_server.database.connection_string", "(hidden)"
        ),
        (
            "key_server: { database: { connection_string: \"mysql://u:secret@h/d\" } }", "key_server.database.connection_string",
            "mysql://u:***@h/d"
        ),
        ("sync_api: { internal_api: { connect: [\"http://a:1\", \"ftp://b:1\"] } }", "sync_api.internal_api.connect", "a list"),
        ("sync_api: { internal_api: { listen: \"localhost:none\" } }", "sync_api.internal_api.listen", "\"localhost:none\""),
        ("logging: { type: std }", "logging", "a mapping"),
        ("logging: [{ type: syslog }]", "logging[0].type", "syslog"),
        (
            "media_api: { max_file_size_bytes: ten, database: { connection_string: \"file:m.db\" } }",
            "media_api.max_file_size_bytes", "ten"
        ),
    ])
    func aValueThatDoesNotDoIsRefusedWithKeyAndValue(text: String, key: String, value: String) throws {
        let yaml = text.hasPrefix("  ") ? try minimal(global: text) : try minimal(rest: "\n" + text)
        let found = try problems(yaml).first { $0.key == key }
        #expect(found?.value == value)
        #expect(found?.line != nil)
        #expect(found?.mend.isEmpty == false)
    }

    @Test func whatIsMissingIsNamed() throws {
        #expect(try problems("").map(\.key).contains("version"))
        let keys = try problems("version: 2\nglobal: { private_key: /nowhere/key.pem }").map(\.key)
        #expect(keys.contains("global.server_name"))
        #expect(keys.contains("global.private_key"))
        #expect(keys.contains("room_server.database.connection_string"))
        #expect(keys.contains("user_api.account_database.connection_string"))
        #expect(try problems("version: 1").first?.key == "version")
    }

    @Test func aMisspeltKeyIsNamedBesideWhatIsMissing() throws {
        let path = try folder.write("version: 2\nglobal:\n  server_nam: a.b", to: "dendrite.yaml")
        let error = try #require(throws: ConfigurationError.self) { try Configuration.load(path: path, mode: .monolith) }
        #expect(error.description.contains("global.server_name: this key is missing"))
        #expect(error.description.contains("note: global.server_nam (line 3) is not known"))
    }

    @Test func aPrivateKeyThatIsNoneIsRefused() throws {
        let text = try minimal()
        #expect(try load(text).signingKey?.id == "ed25519:test")
        try folder.write("key", to: "key.pem")
        #expect(try problems(text).map(\.key) == ["global.private_key"])
        let elsewhere = text.replacing("  private_key", with: "  jetstream: { addresses: [\"localhost:4222\"] }\n  private_key")
        #expect(try load(elsewhere, .polylith(.syncapi)).signingKey == nil)
    }

    @Test func aFileThatIsAbsentOrNoYAMLIsRefused() throws {
        #expect(throws: ConfigurationError.self) { try Configuration.load(path: "\(folder.path)/none.yaml", mode: .monolith) }
        let found = try problems("version: 2\nglobal: [unclosed\n")
        #expect(found.first?.problem.contains("is not YAML") == true)
        #expect(try problems("version: 2\nversion: 2\n").first?.problem.contains("given twice") == true)
    }

    @Test func captchasNeedTheirKeys() throws {
        let text = try minimal(rest: "client_api: { enable_registration_captcha: true, recaptcha_siteverify_api: nowhere }")
        #expect(
            try Set(problems(text).map(\.key)) == [
                "client_api.recaptcha_siteverify_api", "client_api.recaptcha_public_key", "client_api.recaptcha_private_key",
            ])
    }

    @Test func mailsNeedASenderAndAServer() throws {
        func text(_ email: String) throws -> String {
            try minimal(
                rest: "\nuser_api: { account_database: { connection_string: \"file:u.db\" }, email: { \(email) } }")
        }
        #expect(
            try Set(problems(text("enabled: true, smtp: { host: \"a b\" }")).map(\.key)) == [
                "user_api.email.from", "user_api.email.smtp.host",
            ])
        #expect(try load(text("enabled: false, from: a@b, smtp: { host: \"c:25\" }")).email == nil)
        let email = try load(text("enabled: true, from: \"Us <a@b>\", smtp: { host: \"[::1]:2525\", tls: required }")).email
        #expect(email?.from.name == "Us" && email?.smtp.host == "::1" && email?.smtp.port == 2525)
        #expect(email?.smtp.security == .required && email?.smtp.credentials == nil)
    }

    @Test func aPolylithNeedsNATS() throws {
        let text = try minimal()
        #expect(try problems(text, .polylith(.roomserver)).map(\.key) == ["global.jetstream.addresses"])
        let configuration = try load(
            minimal(global: "  jetstream: { addresses: [\"localhost:4222\", \"tls://u:p@nats.example.org\"] }"),
            .polylith(.roomserver))
        #expect(
            configuration.global.jetStream.addresses.map(\.absoluteString) == [
                "nats://localhost:4222", "tls://u:p@nats.example.org",
            ])
        #expect(configuration.database(of: .roomserver) != nil)
        #expect(configuration.database(of: .syncapi) == nil)
    }

    @Test func twoComponentsCannotShareAnSQLiteFile() throws {
        let shared = try problems(
            minimal(rest: "\nkey_server: { database: { connection_string: \"file:\(folder.path)/./roomserver.db\" } }"))
        #expect(shared.map(\.problem) == ["keyserver and roomserver cannot share one SQLite file"])
        let all =
            "version: 2\nglobal: { server_name: a.b, private_key: \(folder.path)/key.pem, database: { connection_string: \"file:all.db\" } }"
        #expect(try problems(all).map(\.key) == ["global.database.connection_string"])
    }

    @Test func oneDatabaseServesAllAndAnyMayHaveItsOwn() throws {
        let configuration = try load(
            """
            version: 2
            global:
              server_name: "127.0.0.1:8800"
              private_key: \(folder.path)/key.pem
              database: { connection_string: "postgresql://u:p@/d?sslmode=disable", max_open_conns: 35, conn_max_lifetime: 5m }
            sync_api: { database: { connection_string: "file:sync.db", max_open_conns: 3 } }
            """)
        #expect(configuration.database(of: .roomserver)?.connectionString == "postgresql://u:p@/d?sslmode=disable")
        #expect(configuration.database(of: .roomserver)?.maxOpenConnections == 5)
        #expect(configuration.database(of: .roomserver)?.connectionMaxLifetime == .seconds(300))
        #expect(configuration.database(of: .syncapi)?.address == .sqlite(path: "sync.db"))
        #expect(configuration.database(of: .syncapi)?.maxOpenConnections == 3)
    }

    @Test func theCommandLineReplacesTheListenersAndAListFindsReplicas() throws {
        let text = try minimal(
            global: "  jetstream: { addresses: [\"localhost:4222\"] }",
            rest:
                "\nclient_api: { internal_api: { listen: \"http://127.0.0.1:1\", connect: [\"http://127.0.0.1:1\", \"http://127.0.0.1:2\"] } }"
        )
        let configuration = try load(
            text, .polylith(.clientapi, internalListen: "http://127.0.0.1:2", externalListen: "http://127.0.0.1:3"))
        let addresses = configuration.addresses(of: .clientapi)
        #expect(addresses.internalListen == ListenAddress(host: "127.0.0.1", port: 2))
        #expect(addresses.externalListen == ListenAddress(host: "127.0.0.1", port: 3))
        #expect(addresses.internalConnect.count == 2)
        #expect(
            try problems(text, .polylith(.clientapi, internalListen: "nonsense")).map(\.value) == ["nonsense (--internal-listen)"]
        )
        let exposed = try load(text, .polylith(.clientapi, internalListen: "http://0.0.0.0:2"))
        #expect(exposed.warnings.contains { $0.contains("internal_api_token") })
    }

    @Test func aBombOfAliasesIsRefused() throws {
        func list(_ item: String) -> String { "[" + Array(repeating: item, count: 200).joined(separator: ",") + "]" }
        let bomb = """
            a: &a { key_id: x }
            b: &b { keys: \(list("*a")) }
            federation_api: { key_perspectives: \(list("*b")) }
            """
        #expect(try problems(minimal(rest: bomb)).contains { $0.key.isEmpty })
        var deep = "a: &a [x]\n"
        for (one, next) in zip("abcdefgh", "bcdefghi") { deep += "\(next)_: &\(next) \(list("*\(one)"))\n" }
        #expect(try problems(minimal(rest: deep + "logging: *i")).contains { $0.key.isEmpty })
    }

    /// As keys and merged in they are followed before anything is counted.
    @Test(arguments: ["? *z\n: x", "y: { <<: *z }", "y: { *z : x, *z : y }", "y: { <<: [*z, *z] }"])
    func aBombOfDoubledAliasesIsRefused(_ use: String) throws {
        for item in ["[*A, *A]", "{ <<: [*A, *A] }", "{ *A : x, y: *A }"] {
            var bomb = "a: &a { x: y }\n"
            for (one, next) in zip("abcdefghijklmnopqrstuvwxy", "bcdefghijklmnopqrstuvwxyz") {
                bomb += "\(next)_: &\(next) \(item.replacing("*A", with: "*\(one)"))\n"
            }
            #expect(try problems(minimal(rest: bomb + use)).contains { $0.key.isEmpty })
        }
    }

    @Test func aFewAliasesAreFollowed() throws {
        let text = "defaults: &defaults { max_open_conns: 7 }\nmedia_api: { database: { <<: *defaults, connection_string: \"file:\(folder.path)/m.db\" } }"
        #expect(try load(minimal(rest: "\n" + text)).database(of: .mediaapi)?.maxOpenConnections == 7)
    }

    @Test func manyKeysMergedInAreReadInReasonableTime() throws {
        let keys = (0..<15_000).map { "key\($0): 1" }.joined(separator: ", ")
        #expect(throws: Never.self) { try load(minimal(rest: "many: &many { \(keys) }\ntracing: { <<: *many }")) }
    }

    @Test func whatTheConformanceSuiteWritesIsAccepted() throws {
        let text = try String(contentsOfFile: "\(repository)/Tests/Vectors/conformance-polylith.yaml", encoding: .utf8)
            .replacing("@DIR@", with: folder.path)
        try folder.write(signingKey, to: "matrix_key.pem")
        let configuration = try load(text, .polylith(.clientapi))
        #expect(configuration.defaultRoomVersion == "10")
        #expect(configuration.bcryptCost == 4)
        #expect(!configuration.clientAPI.registrationDisabled)
        #expect(configuration.clientAPI.registrationSharedSecret == "reg_secret")
        #expect(configuration.addresses(of: .roomserver).internalConnect.count == 2)
        #expect(configuration.global.jetStream.inMemory)
        #expect(configuration.logging == [.init(target: .folder("\(folder.path)/dendrite-logs"), level: "trace", json: false)])
        #expect(!configuration.warnings.contains { $0.contains("global.server_name") })
        _ = try load(text, .monolith)
    }
}
