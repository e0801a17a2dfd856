import GRDB
import GRDBSQLite

/// SQLite's result codes, as the errors that both databases share.
enum SQLiteFailure {
    /// What a transaction's caller is told.
    static func of(_ error: any Error) -> any Error {
        guard let error = error as? GRDB.DatabaseError else { return error }
        return Self.error(code: error.extendedResultCode.rawValue, error.message ?? "", "transaction")
    }

    static func error(code: Int32, _ message: String, _ statement: String) -> any Error {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_CANTOPEN, SQLITE_READONLY:
            return DatabaseUnavailable(reason: message)
        case SQLITE_CONSTRAINT: return constraint(code, message)
        default: return DatabaseError.failed(code: "SQLITE \(code)", message: message, statement: statement)
        }
    }

    /// The extended codes are macros that Swift does not import: SQLITE_CONSTRAINT | (n << 8).
    private static func constraint(_ code: Int32, _ message: String) -> DatabaseError {
        let name = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
        switch code >> 8 {
        case 6, 8, 10: return .uniqueViolation(constraint: name)
        case 3: return .foreignKeyViolation(constraint: name)
        default: return .constraintViolation(constraint: name)
        }
    }
}
