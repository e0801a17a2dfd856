import CPostgres

/// A server's answer to one request, freed with its last reference. Nil within: there was none.
final class PostgresResult {
    let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var isSuccess: Bool {
        let status = PQresultStatus(pointer)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
    }

    /// How many rows the statement affected.
    var changes: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    func forEachRow(_ body: (any ConnectionRow) throws -> Void) throws {
        guard let pointer else { return }
        let count = PQntuples(pointer)
        guard count > 0 else { return }
        let types = (0..<PQnfields(pointer)).map { PQftype(pointer, $0) }
        for index in 0..<count { try body(PostgresRow(result: pointer, index: index, types: types)) }
    }
}
