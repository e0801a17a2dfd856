import InternalAPI
import Matrix

/// What the syncapi does for other components: it knows what clients' tokens mean, what relates to events, and who is there.
public protocol SyncServerAPI: Sendable {
    func call(_: QueryEventAtToken) async throws -> QueryEventAtToken.Reply
    func call(_: QueryBundledRelations) async throws -> QueryBundledRelations.Reply
    func call(_: CheckRelation) async throws -> CheckRelation.Reply
    func call(_: QueryPresence) async throws -> QueryPresence.Reply
}

extension SyncServerAPI {
    /// Asks for what can be done without: nil where the syncapi is away.
    public func ifReached<Reply: Sendable>(_ ask: (any SyncServerAPI) async throws -> Reply) async throws -> Reply? {
        do { return try await ask(self) } catch let error as MatrixError where error.status >= 500 { return nil }
    }
}

/// The syncapi as seen from another component.
public struct SyncClient: SyncServerAPI, Client {
    public let link: any Link
    public init(_ link: any Link) { self.link = link }
}

extension Route where API == any SyncServerAPI {
    public static var sync: [Self] {
        [
            Route(QueryEventAtToken.self) { try await $0.call($1) },
            Route(QueryBundledRelations.self) { try await $0.call($1) },
            Route(CheckRelation.self) { try await $0.call($1) },
            Route(QueryPresence.self) { try await $0.call($1) },
        ]
    }
}
