import Foundation
import TestSupport
import Testing

@testable import Setup

@Suite struct CommandTests {
    @Test(arguments: [
        (["-config", "a"], ["--config=a"]), (["--config", "a"], ["--config=a"]), (["-config=a"], ["--config=a"]),
        (["--config=a"], ["--config=a"]), (["--config=a", "roomserver"], ["--config=a", "roomserver"]),
        (["-password", "-x"], ["--password=-x"]), (["--password=a=b"], ["--password=a=b"]),
        (["-admin", "-username", "u"], ["--admin", "--username=u"]),
        (["--admin=true"], ["--admin"]), (["-admin=0"], []), (["-h"], ["--help"]), (["--", "-x"], ["--", "-x"]),
        (["-config"], ["--config"]),
    ])
    func flagsAreReadAsGoReadsThem(arguments: [String], expected: [String]) {
        #expect(GoArguments.normalised(arguments, booleans: ["admin"]) == expected)
    }

    @Test(arguments: [
        ("168h0m0s", Duration.seconds(604_800)), ("5m", .seconds(300)), ("1.5h", .seconds(5_400)), ("300ms", .milliseconds(300)),
        ("1h15m30.918s", .milliseconds(4_530_918)), ("0", .zero), ("-2s", .seconds(-2)), ("1us", .microseconds(1)),
        (".5s", .milliseconds(500)),
    ])
    func durationsAreReadAsGoReadsThem(text: String, expected: Duration) {
        #expect(GoDuration.parse(text) == expected)
    }

    @Test(arguments: ["", "5", "m", "5 m", "5x", "-", ".s", "1e3s", "999999999999h", "9223372036855s", "１s"])
    func whatGoRefusesIsNoDuration(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test func keysAreMadeOnceAndForTheirOwnerAlone() throws {
        let folder = try Folder()
        let generation = KeyGeneration(
            privateKey: "\(folder.path)/m.pem", tlsCertificate: "\(folder.path)/t.crt", tlsKey: "\(folder.path)/t.key",
            server: "[::1]:8448")
        #expect(try generation.run().count == 3)
        for name in ["m.pem", "t.key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        let before = try String(contentsOfFile: "\(folder.path)/m.pem", encoding: .utf8)
        #expect(throws: CommandFailure.self) { try generation.run() }
        #expect(try String(contentsOfFile: "\(folder.path)/m.pem", encoding: .utf8) == before)
        #expect(throws: CommandFailure.self) { try KeyGeneration(tlsKey: "\(folder.path)/u.key").run() }
        #expect(throws: CommandFailure.self) { try KeyGeneration().run() }
    }

    @Test(
        arguments: [
            (nil, false), ("file:data", false), ("postgresql://u:p@localhost/d", false), ("postgres://u:p@localhost/d", true),
            (nil, true),
        ] as [(String?, Bool)])
    func aGeneratedConfigurationLoads(database: String?, isPolylith: Bool) throws {
        let folder = try Folder()
        try folder.write(signingKey, to: "matrix_key.pem")
        let text = try GeneratedConfiguration(server: "example.org", database: database, isPolylith: isPolylith).text()
            .replacing("private_key: matrix_key.pem", with: "private_key: \(folder.path)/matrix_key.pem")
        let path = try folder.write(text, to: "dendrite.yaml")
        let mode: ConfigurationMode = isPolylith ? .polylith(.roomserver) : .monolith
        let configuration = try Configuration.load(path: path, mode: mode)
        #expect(configuration.warnings == [])
        #expect(configuration.clientAPI.registrationSharedSecret.count == 32)
        #expect(throws: CommandFailure.self) {
            try GeneratedConfiguration(server: "no name", database: nil, isPolylith: false).text()
        }
    }

    @Test func anAccountIsAskedForWithTheProofOfTheSecret() async throws {
        let registration = AccountRegistration(
            server: try #require(URL(string: "http://localhost:8008")), sharedSecret: "secret", username: "alice",
            password: "pass", isAdmin: true)
        // printf 'nonce\0alice\0pass\0admin' | openssl dgst -sha1 -hmac secret
        let expected = AccountRegistration.mac(
            secret: "secret", nonce: "nonce", username: "alice", password: "pass", isAdmin: true)
        #expect(expected == "f62fca97d1ba6f156e9f2a56cb77295fe732e6d5")
        let account = try await registration.run { method, url, body in
            #expect(url.absoluteString == "http://localhost:8008/_synapse/admin/v1/register")
            guard method == "POST" else { return (200, Array(#"{"nonce":"nonce"}"#.utf8)) }
            let sent = try JSONSerialization.jsonObject(with: Data(body ?? [])) as? [String: Any]
            #expect(sent?["mac"] as? String == expected)
            #expect(sent?["admin"] as? Bool == true)
            return (200, Array(#"{"user_id":"@alice:localhost"}"#.utf8))
        }
        #expect(account.userID == "@alice:localhost")
        await #expect(throws: CommandFailure.self) {
            try await registration.run { _, _, _ in (403, Array(#"{"errcode":"M_FORBIDDEN","error":"HMAC incorrect"}"#.utf8)) }
        }
    }

    @Test func aCertificateGoesWithItsKey() throws {
        #expect(throws: CommandFailure.self) {
            try Monolith.Listeners(http: ":8008", https: ":8448", certificatePath: "a", keyPath: nil)
        }
        #expect(throws: CommandFailure.self) {
            try Monolith.Listeners(http: "nowhere", https: ":8448", certificatePath: nil, keyPath: nil)
        }
        #expect(try Monolith.Listeners(http: ":8008", https: ":8448", certificatePath: nil, keyPath: nil).https == nil)
    }
}
