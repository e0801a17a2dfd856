import ServiceLifecycle
import Web

/// All eight components in one process.
public struct Monolith: Sendable {
    let configuration: Configuration
    let listeners: Listeners

    public init(configuration: Configuration, listeners: Listeners) {
        self.configuration = configuration
        self.listeners = listeners
    }

    public func run() async throws {
        let logger = try ProcessLife.begin(configuration, as: "monolith")
        logger.info("starting", metadata: ["server_name": "\(configuration.global.serverName)"])
        let observation = Observation(configuration.global.metrics)
        let responder = Responder(
            router: Router(observation.endpoints()), translate: PlatformFailure.translate, logger: logger)
        var servers = [HTTPServer(listen: listeners.http, responder: responder, logger: logger)]
        if let https = listeners.https {
            servers.append(HTTPServer(listen: https.address, tls: https.files, responder: responder, logger: logger))
        }
        try await ProcessLife.run(servers, logger: logger)
    }
}
