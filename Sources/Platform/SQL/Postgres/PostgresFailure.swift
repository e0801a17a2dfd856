import CPostgres

/// Why a statement failed, sorted by what is to be done about it.
enum PostgresFailure: Error {
    /// Serialization failure, deadlock, or a plan gone stale: the whole transaction may be tried again.
    case again(DatabaseError)
    /// The connection is of no more use; nothing was committed.
    case disconnected(reason: String)
    /// Too busy, or shutting down.
    case unavailable(reason: String)
    /// The connection cannot write, which another may: it was begun as read-only, or at a server that is a standby now.
    case readOnly(reason: String)
    /// The statement is at fault.
    case refused(DatabaseError)
}

extension PostgresFailure {
    init(result: OpaquePointer?, connection: OpaquePointer, statement: String) {
        let state = Self.field(result, PG_DIAG_SQLSTATE_CODE)
        let message = Self.field(result, PG_DIAG_MESSAGE_PRIMARY) ?? Self.trimmed(PQerrorMessage(connection))
        guard PQstatus(connection) == CONNECTION_OK, let state else {
            self = .disconnected(reason: message)
            return
        }
        let constraint = Self.field(result, PG_DIAG_CONSTRAINT_NAME) ?? Self.field(result, PG_DIAG_COLUMN_NAME) ?? ""
        let error = DatabaseError.failed(code: state, message: message, statement: statement)
        switch state {
        case "40001", "40P01": self = .again(error)
        // A cached plan whose result changed, and a prepared statement that is gone: the cache is emptied.
        case "0A000" where message.contains("cached plan"), "26000": self = .again(error)
        case "23505": self = .refused(.uniqueViolation(constraint: constraint))
        case "23503": self = .refused(.foreignKeyViolation(constraint: constraint))
        case let state where state.hasPrefix("23"): self = .refused(.constraintViolation(constraint: constraint))
        case "25006": self = .readOnly(reason: message)
        // Lock and statement timeouts; a full disk, memory, and what else the server's machine refuses it.
        case "55P03", "57014": self = .unavailable(reason: message)
        case let state where ["53", "58"].contains { state.hasPrefix($0) }: self = .unavailable(reason: message)
        // Shutdown, a lost connection.
        case let state where ["08", "57", "25P03"].contains { state.hasPrefix($0) }: self = .disconnected(reason: message)
        default: self = .refused(error)
        }
    }

    /// As the callers of a transaction see it.
    var error: any Error {
        switch self {
        case .again(let error), .refused(let error): error
        case .disconnected(let reason), .unavailable(let reason), .readOnly(let reason): DatabaseUnavailable(reason: reason)
        }
    }

    /// libpq's message for an operator: on one line.
    static func trimmed(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "no reason given" }
        return String(cString: message).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// The codes of `postgres_ext.h` are character literals, which Swift does not import.
    private static func field(_ result: OpaquePointer?, _ code: Character) -> String? {
        guard let result, let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else { return nil }
        return String(cString: text)
    }
}

private let PG_DIAG_SQLSTATE_CODE: Character = "C"
private let PG_DIAG_MESSAGE_PRIMARY: Character = "M"
private let PG_DIAG_CONSTRAINT_NAME: Character = "n"
private let PG_DIAG_COLUMN_NAME: Character = "c"
