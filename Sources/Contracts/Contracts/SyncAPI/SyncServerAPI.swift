import InternalAPI

/// What the syncapi does for other components: it knows what clients' tokens mean.
public protocol SyncServerAPI: Sendable {
    func call(_: QueryEventAtToken) async throws -> QueryEventAtToken.Reply
}

/// The syncapi as seen from another component.
public struct SyncClient: SyncServerAPI, Client {
    public let link: any Link
    public init(_ link: any Link) { self.link = link }
}

extension Route where API == any SyncServerAPI {
    public static var sync: [Self] {
        [
            Route(QueryEventAtToken.self) { try await $0.call($1) }
        ]
    }
}
