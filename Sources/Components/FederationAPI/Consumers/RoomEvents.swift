import Contracts
import Delivery
import Logging
import Matrix
import ServiceLifecycle
import SQL
import Topics

/// Follows who of other servers is in which room. *OutputRoomEvent → federationapi_joined_members*
struct RoomEvents: Service {
    static let cursors = Cursors(prefix: "federationapi")
    static let setAside = SetAside(prefix: "federationapi")
    static let leases = Leases(prefix: "federationapi")

    let serverName: String
    let database: Database
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let logger: Logger

    func run() async throws {
        let follower = LogFollower(
            .rooms(roomserver), cursors: Self.cursors, setAside: Self.setAside, database: database, logger: logger,
            effect: { [serverName] in try Self.apply($0, serverName: serverName, in: $1) })
        try await follower.serve(bus, as: .federationRoomEvents, leases: Self.leases)
    }

    private static func apply(_ output: OutputEvent, serverName: String, in tx: Transaction) throws {
        guard case .newEvent(let told) = output, told.isCurrentState, let version = RoomVersion(rawValue: told.roomVersion)
        else { return }
        let event = try Event(parsing: told.event.bytes, version: version, eventID: told.eventID)
        guard event.type == "m.room.member", let userID = event.stateKey, let server = UserID(userID)?.server,
            server != serverName
        else { return }
        if event.membership == "join" {
            try JoinedHostsTable.joined(userID, of: server, room: told.roomID, in: tx)
        } else {
            try JoinedHostsTable.left(userID, room: told.roomID, in: tx)
        }
    }
}
