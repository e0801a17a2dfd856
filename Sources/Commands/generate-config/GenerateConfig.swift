import ArgumentParser
import Setup

/// Prints a configuration that runs.
@main
struct GenerateConfig: GoCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-config", abstract: "Prints a configuration, to be saved as dendrite.yaml.")
    static let booleanFlags: Set<String> = ["polylith", "ci"]

    @Option(help: "The domain that stands after the colon in user IDs.")
    var server = "localhost"
    @Option(help: "postgresql://… for all components, or file:FOLDER for an SQLite file each.")
    var db: String?
    @Flag(help: "For eight processes with NATS between them, in place of one.")
    var polylith = false
    @Flag(help: .hidden)
    var ci = false

    func run() async throws {
        print(try GeneratedConfiguration(server: server, database: db, isPolylith: polylith).text(), terminator: "")
    }
}
