import Appservice
import ClientAPI
import Contracts
import FederationAPI
import InternalAPI
import Keyserver
import Logging
import Matrix
import MediaAPI
import Roomserver
import RoomRules
import SQL
import SyncAPI
import Topics
import UserAPI
import Web

/// Makes components: gives each its configuration, its database, the bus and its links to the others.
struct Assembly: Sendable {
    let configuration: Configuration
    let bus: any Bus
    let others: Others
    let logger: Logger

    /// Waits for the component's database, not for other components.
    func part(_ component: ComponentName) async throws -> Part {
        switch component {
        case .appservice:
            let database = try await database(of: component)
            let appservice = try await Appservice(
                database: database, bus: bus, roomserver: others.roomserver, logger: logger(component))
            return Part(services: appservice.services, database: database)
        case .clientapi:
            let clientAPI = ClientAPI(
                config: configuration.clientAPIConfig, users: others.users, rooms: others.roomserver, sync: others.sync,
                bus: bus, logger: logger(component))
            return Part(endpoints: clientAPI.endpoints, services: clientAPI.services)
        case .federationapi:
            let database = try await database(of: component)
            let federationAPI = try await FederationAPI(
                config: configuration.federationAPIConfig, database: database, bus: bus, roomserver: others.roomserver,
                users: others.users, logger: logger(component))
            return Part(endpoints: federationAPI.endpoints, services: federationAPI.services, database: database)
        case .keyserver:
            let database = try await database(of: component)
            _ = try await Keyserver(database: database, logger: logger(component))
            return Part(database: database)
        case .mediaapi:
            let database = try await database(of: component)
            let mediaAPI = try await MediaAPI(
                config: configuration.mediaAPIConfig, database: database, logger: logger(component))
            return Part(endpoints: mediaAPI.endpoints, services: mediaAPI.services, database: database)
        case .roomserver:
            let database = try await database(of: component)
            let roomserver = try await Roomserver(
                config: try configuration.roomserverConfig, database: database, bus: bus, logger: logger(component))
            return Part(
                services: roomserver.services, connect: { $0.connect(Route.roomserver, to: roomserver) }, database: database)
        case .syncapi:
            let database = try await database(of: component)
            let syncAPI = try await SyncAPI(
                config: configuration.syncAPIConfig, database: database, bus: bus, roomserver: others.roomserver,
                users: others.users, logger: logger(component))
            return Part(
                endpoints: syncAPI.endpoints, services: syncAPI.services, connect: { $0.connect(Route.sync, to: syncAPI) },
                database: database)
        case .userapi:
            let database = try await database(of: component)
            let users = try await UserServer(
                config: configuration.userAPIConfig, database: database, bus: bus, roomserver: others.roomserver,
                logger: logger(component))
            let services = users.services + [users.departures(from: others.roomserver)]
            return Part(services: services, connect: { $0.connect(Route.user, to: users) }, database: database)
        }
    }

    private func database(of component: ComponentName) async throws -> Database {
        guard let settings = configuration.database(of: component) else {
            throw CommandFailure("\(component.databaseKey ?? component.section): this component needs a database")
        }
        return try await Database.open(
            settings.connectionString, options: settings.options(for: component), logger: logger(component))
    }

    private func logger(_ component: ComponentName) -> Logger {
        var logger = logger
        logger[metadataKey: "component"] = "\(component.rawValue)"
        return logger
    }
}
