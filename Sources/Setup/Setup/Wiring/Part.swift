import InternalAPI
import ServiceLifecycle
import SQL
import Web

/// A component that is ready to run: what it serves to the public, what it answers, what runs in it.
struct Part: Sendable {
    var endpoints: [Endpoint] = []
    var services: [any Service] = []
    /// Puts what it answers on the switchboard of its process.
    var connect: @Sendable (Switchboard) -> Void = { _ in }
    var database: Database?
}
