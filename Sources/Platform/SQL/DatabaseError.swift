/// What a database refused, or what we refuse to ask of it.
public enum DatabaseError: Error, Equatable, Sendable {
    /// A row with that key exists. The constraint is named as the database names it: `t_pkey`, or `t.a, t.b` on SQLite.
    case uniqueViolation(constraint: String)
    case foreignKeyViolation(constraint: String)
    /// NOT NULL, CHECK and the like.
    case constraintViolation(constraint: String)
    /// A value that no database of ours can hold.
    case refusedValue(String)
    /// A column that is not of the type asked for.
    case unreadable(column: Int, type: String, statement: String)
    case failed(code: String, message: String, statement: String)
    /// A connection string, file or server that will not do, however long we wait.
    case misconfigured(String)
    /// The schema was changed by a later release in a way that this one cannot read.
    case schemaTooNew(component: String, migration: String)
}

extension DatabaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .uniqueViolation(let constraint): "already there: \(constraint)"
        case .foreignKeyViolation(let constraint): "foreign key violated: \(constraint)"
        case .constraintViolation(let constraint): "constraint violated: \(constraint)"
        case .refusedValue(let what): "the database cannot hold \(what)"
        case .unreadable(let column, let type, let statement): "column \(column) of “\(statement)” is not a \(type)"
        case .failed(let code, let message, let statement): "\(code): \(message), in “\(statement)”"
        case .misconfigured(let what): what
        case .schemaTooNew(let component, let migration):
            "the database of \(component) was changed by a later release (\(migration)) in a way that this one cannot read"
        }
    }
}

/// The database is away, or has too much to do. The same may be asked again later; answered with 503.
public struct DatabaseUnavailable: Error, Equatable, Sendable, CustomStringConvertible {
    public var reason: String
    /// The connection was lost while a commit was under way: what was asked may have been done.
    public var outcomeUnknown: Bool

    public init(reason: String, outcomeUnknown: Bool = false) {
        self.reason = reason
        self.outcomeUnknown = outcomeUnknown
    }

    public var description: String {
        "the database is unavailable: \(reason)" + (outcomeUnknown ? " (the outcome is unknown)" : "")
    }
}
