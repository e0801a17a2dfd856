import Contracts
import Delivery
import Logging
import ServiceLifecycle
import SQL
import Topics

/// Follows the rooms' logs, so that an application service registered later starts from where the rooms stand.
struct RoomEvents: Service {
    static let cursors = Cursors(prefix: "appservice")
    static let setAside = SetAside(prefix: "appservice")
    static let leases = Leases(prefix: "appservice")

    let database: Database
    let bus: any Bus
    let roomserver: any RoomserverAPI
    let logger: Logger

    func run() async throws {
        let follower = LogFollower(
            .rooms(roomserver), cursors: Self.cursors, setAside: Self.setAside, database: database, logger: logger, effect: { _, _ in })
        try await follower.serve(bus, as: .appserviceRoomEvents, leases: Self.leases)
    }
}
