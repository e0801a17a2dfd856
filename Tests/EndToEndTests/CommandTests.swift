import Foundation
import Surroundings
import TestSupport
import Testing
import Web

/// The commands from outside: what they answer, and with which status they end.
@Suite struct CommandTests {
    @Test func aPolylithNeedsAComponentAndListsThem() async throws {
        let folder = try Folder()
        for arguments in [[], ["--config=dendrite.yaml"], ["eduserver"]] {
            let result = try await Command.run("dendrite-polylith-multi", arguments, in: folder)
            #expect(result.status == 1)
            #expect(
                result.errors.contains("appservice, clientapi, federationapi, keyserver, mediaapi, roomserver, syncapi, userapi"))
        }
    }

    @Test func aConfigurationThatIsAbsentEndsWithOne() async throws {
        let result = try await Command.run("dendrite-monolith-server", ["-config", "nowhere.yaml"], in: Folder())
        #expect(result.status == 1)
        #expect(result.errors.contains("nowhere.yaml does not exist"))
        #expect(result.errors.contains("generate-config"))
    }

    @Test func theVersionIsSaid() async throws {
        let result = try await Command.run("dendrite-monolith-server", ["-version"], in: Folder())
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("dendrite"))
    }

    @Test func keysAreNotOverwritten() async throws {
        let folder = try Folder()
        #expect(
            try await Command.run(
                "generate-keys", ["-private-key=k.pem", "--tls-cert", "t.crt", "-tls-key", "t.key"], in: folder
            ).status == 0)
        let key = folder.read("k.pem")
        let again = try await Command.run("generate-keys", ["--private-key", "k.pem"], in: folder)
        #expect(again.status == 1)
        #expect(again.errors.contains("k.pem exists already"))
        #expect(folder.read("k.pem") == key)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func whatIsGeneratedRunsTakesAccountsAndEndsWithNought(signal: Int32) async throws {
        let folder = try Folder()
        #expect(try await Command.run("generate-keys", ["--private-key", "matrix_key.pem"], in: folder).status == 0)
        let configuration = try await Command.run("generate-config", ["--server", "example.org"], in: folder)
        try folder.write(configuration.output, to: "dendrite.yaml")

        let port = try freePort(), url = "http://127.0.0.1:\(port)"
        let server = try Command("dendrite-monolith-server", ["-http-bind-address", "127.0.0.1:\(port)"], in: folder)
        try await answer(at: "\(url)/_matrix/client/versions")

        let account = try await Command.run(
            "create-account", ["-url", url, "-username", "alice", "-password", "correct horse", "-admin"], in: folder)
        #expect(account.status == 0, "\(account.errors)")
        #expect(account.output == "Made @alice:example.org\n")
        let again = try await Command.run(
            "create-account", ["-url", url, "-username", "alice", "-password", "other"], in: folder)
        #expect(again.status == 1)
        #expect(again.errors.contains("There is an account alice already"))

        server.signal(signal)
        let result = try await server.result()
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func aServerThatWaitsForItsDatabaseStopsWhenTold() async throws {
        let folder = try Folder()
        #expect(try await Command.run("generate-keys", ["--private-key", "matrix_key.pem"], in: folder).status == 0)
        let away = "postgresql://nobody@127.0.0.1:\(try freePort())/nothing?sslmode=disable"
        let configuration = try await Command.run("generate-config", ["-db", away], in: folder)
        try folder.write(configuration.output, to: "dendrite.yaml")
        let server = try Command("dendrite-monolith-server", ["-http-bind-address", "127.0.0.1:\(try freePort())"], in: folder)
        // Signals have been heeded for long by then.
        while server.isRunning, folder.read("dendrite-monolith-server.errors")?.contains("waiting for the database") != true {
            try await Task.sleep(for: .milliseconds(10))
        }
        server.signal(SIGTERM)
        let result = try await server.result()
        #expect(result.status == 0, "\(result.errors)")
    }

    private func answer(at url: String) async throws {
        let client = HTTPClient()
        var last: (any Error)?
        for _ in 0..<600 {
            do {
                #expect(try await client.request(.get, url).status == 200)
                return
            } catch {
                last = error
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw try #require(last)
    }

    /// A port that nobody listened on a moment ago.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
