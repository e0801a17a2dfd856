import ArgumentParser
import Setup

/// One component of the homeserver as a process of its own.
@main
struct DendritePolylithMulti: GoCommand {
    static let configuration = CommandConfiguration(
        commandName: "dendrite-polylith-multi", abstract: "Runs one component of the homeserver.",
        discussion: "Components: \(ComponentName.list)")
    static let booleanFlags: Set<String> = ["version"]

    @Option(help: "The configuration file.")
    var config = "dendrite.yaml"
    @Option(name: .customLong("internal-listen"), help: "Listen here (a URL) for the other components, not where the file says.")
    var internalListen: String?
    @Option(
        name: .customLong("external-listen"), help: "Listen here (a URL) for clients and other servers, not where the file says.")
    var externalListen: String?
    @Flag(help: "Says the version and ends.")
    var version = false
    @Argument(help: "The component to run.")
    var component: String?

    func run() async throws {
        guard !version else { return print(Version.text) }
        guard let name = component, let component = ComponentName(rawValue: name.lowercased()) else {
            throw CommandFailure(
                "\(component.map { "There is no component \($0)" } ?? "Name a component to run"): \(ComponentName.list)")
        }
        let configuration = try Configuration.load(
            path: config, mode: .polylith(component, internalListen: internalListen, externalListen: externalListen))
        try await Polylith(component: component, configuration: configuration).run()
    }
}
