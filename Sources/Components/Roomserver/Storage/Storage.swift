import Matrix
import SQL

/// The roomserver's database. What a client should know of a failure is a ``MatrixError``: that the database is away, or
/// that it was given text which no database holds.
struct Storage: Sendable {
    let database: Database

    func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await translating { try await database.transaction(body) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await translating { try await database.read(body) }
    }

    /// Reads by one statement.
    func query<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await translating { try await database.query(body) }
    }

    private func translating<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch is DatabaseUnavailable {
            throw MatrixError.unavailable("The rooms are not available for now")
        } catch DatabaseError.refusedValue(let what) {
            throw MatrixError.invalidParam("Not allowed here: \(what)")
        }
    }
}
