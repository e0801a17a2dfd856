import Logging
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
        let life = MonolithLife(
            configuration: configuration, listeners: listeners, observation: Observation(configuration.global.metrics),
            logger: logger)
        try await ProcessLife.run([life], logger: logger)
    }
}

/// The components, from their waiting for their databases and the bus until they leave.
private struct MonolithLife: Service {
    let configuration: Configuration
    let listeners: Monolith.Listeners
    let observation: Observation
    let logger: Logger

    func run() async throws {
        // Told to stop before everything is there, it is cancelled.
        let services = try await cancelWhenGracefulShutdown { try await made() }
        try await ProcessLife.group(services, logger: logger).run()
    }

    private func made() async throws -> [any Service] {
        let household = try await Household(configuration: configuration, logger: logger)
        let monitor = observation.endpoints { await household.report() }
        return household.services + servers(household.responder(and: monitor))
    }

    private func servers(_ responder: Responder) -> [any Service] {
        let options = configuration.publicServerOptions
        let http = HTTPServer(listen: listeners.http, responder: responder, options: options, logger: logger)
        guard let https = listeners.https else { return [http] }
        return [
            http, HTTPServer(listen: https.address, tls: https.files, responder: responder, options: options, logger: logger),
        ]
    }
}
