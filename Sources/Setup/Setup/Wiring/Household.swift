import Contracts
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import SQL
import Web

/// All components of one process, wired to each other, with what has to run; without listeners.
package struct Household: Sendable {
    /// What they serve to the public.
    package private(set) var endpoints: [Endpoint] = []
    /// What has to run, the bus's end first.
    let services: [any Service]
    private let tokens: AccessTokens
    private let switchboard: Switchboard
    private let health = Health()
    private var databases: [Database] = []
    private let serving: ServerOptions
    private let logger: Logger

    /// Waits for databases and the bus. `link` may put something between the components and their switchboard.
    package init(
        configuration: Configuration, logger: Logger, link: (Switchboard) -> any Link = { $0 }
    ) async throws {
        let (bus, closing) = try await BusSetup(configuration.global.jetStream, process: "monolith", logger: logger).start()
        switchboard = Switchboard(translate: PlatformFailure.translate, logger: logger)
        let link = link(switchboard)
        let others = Others { _ in link }
        let assembly = Assembly(configuration: configuration, bus: bus, others: others, logger: logger)
        tokens = AccessTokens(users: others.users, bus: bus)
        serving = configuration.publicServerOptions
        self.logger = logger
        var services = [closing]
        for component in ComponentName.allCases {
            let part = try await assembly.part(component)
            part.connect(switchboard)
            health.watch(part.database, of: component)
            if let database = part.database { databases.append(database) }
            endpoints += part.endpoints
            services += part.services
        }
        self.services = services + [tokens]
    }

    /// What is wrong with it, a line for each thing.
    func report() async -> [String] { await health.report() }

    /// Answers the public, and what else the listener has.
    package func responder(and more: [Endpoint] = []) -> Responder {
        Responder(
            router: Router(more + endpoints), authenticator: tokens, translate: PlatformFailure.translate,
            options: serving, logger: logger)
    }

    /// What the components would answer each other, were they apart.
    package var internalEndpoints: [Endpoint] {
        ComponentName.allCases.flatMap { Others.internalEndpoints(of: $0, by: switchboard, token: ClusterToken(nil)) }
    }

    package func internalResponder() -> Responder {
        Responder(router: Router(internalEndpoints), translate: PlatformFailure.translate, logger: logger)
    }

    /// What has to run, as a group that can be told to end.
    package var group: ServiceGroup { ProcessLife.group(services, logger: logger) }

    /// Closes the databases, once the group has ended.
    package func close() async {
        for database in databases { await database.close() }
    }
}
