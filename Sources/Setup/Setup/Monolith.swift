import Contracts
import InternalAPI
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
        let observation = Observation(configuration.global.metrics)
        let (bus, closing) = try await BusSetup(configuration.global.jetStream, process: "monolith", logger: logger).start()
        let switchboard = Switchboard(translate: PlatformFailure.translate, logger: logger)
        let others = Others { _ in switchboard }
        let assembly = Assembly(configuration: configuration, bus: bus, others: others, logger: logger)
        let health = Health()
        var endpoints = observation.endpoints { await health.report() }
        var services = [closing]
        for component in ComponentName.allCases {
            let part = try await assembly.part(component)
            part.connect(switchboard)
            health.watch(part.database, of: component)
            endpoints += part.endpoints
            services += part.services
        }
        let tokens = AccessTokens(users: others.users, bus: bus)
        services.append(tokens)
        let responder = Responder(
            router: Router(endpoints), authenticator: tokens, translate: PlatformFailure.translate, logger: logger)
        services.append(
            HTTPServer(
                listen: listeners.http, responder: responder, options: configuration.publicServerOptions, logger: logger))
        if let https = listeners.https {
            services.append(
                HTTPServer(
                    listen: https.address, tls: https.files, responder: responder, options: configuration.publicServerOptions,
                    logger: logger))
        }
        try await ProcessLife.run(services, logger: logger)
    }
}
