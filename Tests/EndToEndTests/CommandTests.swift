import Foundation
import TestSupport
import Testing

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
}
