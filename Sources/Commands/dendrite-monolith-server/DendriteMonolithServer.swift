import ArgumentParser
import Setup

/// The homeserver in one process.
@main
struct DendriteMonolithServer: GoCommand {
    static let configuration = CommandConfiguration(
        commandName: "dendrite-monolith-server", abstract: "Runs the whole homeserver in one process.")
    static let booleanFlags: Set<String> = ["version", "api", "really-enable-open-registration"]

    @Option(help: "The configuration file.")
    var config = "dendrite.yaml"
    @Option(name: .customLong("http-bind-address"), help: "Where to listen for HTTP.")
    var httpBindAddress = ":8008"
    @Option(name: .customLong("https-bind-address"), help: "Where to listen for HTTPS, when a certificate is given.")
    var httpsBindAddress = ":8448"
    @Option(name: .customLong("api-bind-address"), help: "Accepted for Dendrite's sake; the monolith has no internal listener.")
    var apiBindAddress: String?
    @Option(name: .customLong("tls-cert"), help: "A certificate (PEM) for HTTPS.")
    var tlsCertificate: String?
    @Option(name: .customLong("tls-key"), help: "The certificate's key (PEM).")
    var tlsKey: String?
    @Flag(help: "Says the version and ends.")
    var version = false
    @Flag(help: .hidden)
    var api = false
    @Flag(name: .customLong("really-enable-open-registration"), help: .hidden)
    var reallyEnableOpenRegistration = false

    func run() async throws {
        guard !version else { return print(Version.text) }
        let listeners = try Monolith.Listeners(
            http: httpBindAddress, https: httpsBindAddress, certificatePath: tlsCertificate, keyPath: tlsKey)
        let configuration = try Configuration.load(path: config, mode: .monolith)
        try await Monolith(configuration: configuration, listeners: listeners).run()
    }
}
