import ServiceLifecycle
import Web

/// One component as a process of its own.
public struct Polylith: Sendable {
    let component: ComponentName
    let configuration: Configuration

    /// The configuration is one loaded for `.polylith(component)`.
    public init(component: ComponentName, configuration: Configuration) {
        self.component = component
        self.configuration = configuration
    }

    public func run() async throws {
        let logger = try ProcessLife.begin(configuration, as: component.rawValue)
        logger.info("starting", metadata: ["server_name": "\(configuration.global.serverName)"])
        let observation = Observation(configuration.global.metrics)
        let addresses = configuration.addresses(of: component)
        let servers = [addresses.internalListen, addresses.externalListen].compactMap { address in
            address.map {
                HTTPServer(
                    listen: $0,
                    responder: Responder(router: Router(observation.endpoints()), translate: PlatformFailure.translate, logger: logger),
                    logger: logger)
            }
        }
        try await ProcessLife.run(servers, logger: logger)
    }
}
