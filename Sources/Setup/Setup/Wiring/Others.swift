import Contracts
import InternalAPI
import Web

/// The components that others ask, each at the end of its link.
struct Others: Sendable {
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let sync: any SyncServerAPI

    init(_ link: (ComponentName) -> any Link) {
        roomserver = RoomserverClient(link(.roomserver))
        users = UserClient(link(.userapi))
        sync = SyncClient(link(.syncapi))
    }

    /// What a component answers, as endpoints of its internal listener; the answers come by the switchboard.
    static func internalEndpoints(of component: ComponentName, by switchboard: Switchboard, token: ClusterToken) -> [Endpoint] {
        switch component {
        case .roomserver: [Endpoint](Route.roomserver, answeredBy: RoomserverClient(switchboard), token: token)
        case .syncapi: [Endpoint](Route.sync, answeredBy: SyncClient(switchboard), token: token)
        case .userapi: [Endpoint](Route.user, answeredBy: UserClient(switchboard), token: token)
        default: []
        }
    }
}
