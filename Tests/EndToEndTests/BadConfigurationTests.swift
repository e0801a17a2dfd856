import Surroundings
import TestSupport
import Testing

/// A configuration that does not do ends the command with 1, and says which key, which value and what to do.
@Suite struct BadConfigurationTests {
    @Test(arguments: [
        ("  disable_federation: perhaps", "global.disable_federation", "perhaps", "true or false"),
        ("  server_name: \"no name\"", "global.server_name", "no name", "Write a domain"),
        ("  jetstream: { in_memory: 7 }", "global.jetstream.in_memory", "7", "true or false"),
    ])
    func theKeyItsValueAndTheMendAreSaid(line: String, key: String, value: String, mend: String) async throws {
        let folder = try Folder()
        let name = line.contains("server_name") ? "" : "\n  server_name: localhost"
        let path = try folder.write("version: 2\nglobal:\(name)\n\(line)\n", to: "bad.yaml")
        for (command, component) in [("dendrite-monolith-server", []), ("dendrite-polylith-multi", ["roomserver"])] {
            let result = try await Command.run(command, ["--config=\(path)"] + component, in: folder)
            #expect(result.status == 1)
            for text in [key, value, mend] { #expect(result.errors.contains(text), "\(text) is not in \(result.errors)") }
        }
    }

    @Test func aPolylithWithoutNATSSaysWhatItNeeds() async throws {
        let folder = try Folder()
        try folder.write("version: 2\nglobal: { server_name: localhost }\n", to: "dendrite.yaml")
        let result = try await Command.run("dendrite-polylith-multi", ["--config=dendrite.yaml", "syncapi"], in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("global.jetstream.addresses"))
        #expect(result.errors.contains("localhost:4222"))
    }
}
