import Contracts
import InternalAPI
import Matrix

/// A link to components that are away.
struct NoLink: Link {
    func call<C: Call>(_ call: C) async throws -> C.Reply { throw MatrixError.unavailable() }
}
