import Contracts
import InternalAPI
import Logging
import ServiceLifecycle
import Topics
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
        let health = Health(), readiness = Readiness()
        let monitor = observation.endpoints {
            readiness.isReady ? await health.report() : ["\(component) waits for its database and NATS"]
        }
        let switchboard = Switchboard(translate: PlatformFailure.translate, logger: logger)
        let token = ClusterToken(configuration.global.internalAPIToken)
        let listener = HTTPServer(
            listen: configuration.addresses(of: component).internalListen,
            responder: Responder(
                router: Router(monitor + Others.internalEndpoints(of: component, by: switchboard, token: token)),
                translate: PlatformFailure.translate, readiness: readiness, logger: logger),
            options: configuration.internalServerOptions, logger: logger)
        let life = ComponentLife(
            component: component, configuration: configuration, switchboard: switchboard, readiness: readiness, health: health,
            monitor: monitor, logger: logger)
        try await ProcessLife.run([listener, life], logger: logger)
    }
}

/// A component, from its waiting for its database and the bus until it leaves. Its internal listener is open before; its
/// public one opens when it can serve.
private struct ComponentLife: Service {
    let component: ComponentName
    let configuration: Configuration
    let switchboard: Switchboard
    let readiness: Readiness
    let health: Health
    let monitor: [Endpoint]
    let logger: Logger

    func run() async throws {
        guard let (part, closing, others, bus) = try await made() else { return }
        part.connect(switchboard)
        health.watch(part.database, of: component)
        readiness.ready()
        var running = [closing] + part.services
        if let address = configuration.addresses(of: component).externalListen {
            let tokens = AccessTokens(users: others.users, bus: bus)
            running.append(tokens)
            running.append(
                HTTPServer(
                    listen: address,
                    responder: Responder(
                        router: Router(monitor + part.endpoints), authenticator: tokens, translate: PlatformFailure.translate,
                        options: configuration.publicServerOptions, logger: logger),
                    options: configuration.publicServerOptions, logger: logger))
        }
        try await ProcessLife.group(running, logger: logger).run()
    }

    /// Nothing when the process is told to stop before its database and the bus are there.
    private func made() async throws -> (Part, any Service, Others, any Bus)? {
        do {
            return try await cancelWhenGracefulShutdown {
                let client = HTTPLink.makeClient()
                let others = Others { other in
                    HTTPLink(
                        connect: configuration.addresses(of: other).internalConnect, token: configuration.global.internalAPIToken,
                        client: client, logger: logger)
                }
                let (bus, closing) = try await BusSetup(
                    configuration.global.jetStream, process: component.rawValue, logger: logger
                ).start()
                let assembly = Assembly(configuration: configuration, bus: bus, others: others, logger: logger)
                return (try await assembly.part(component), closing, others, bus)
            }
        } catch is CancellationError {
            return nil
        }
    }
}
