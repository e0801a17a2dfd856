import SQL

/// How far pieces of work have come that go through what is stored, so that whoever takes over goes on from there.
struct ProgressTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_progress (
            name \(.text) PRIMARY KEY,
            position \(.integer) NOT NULL,
            through \(.integer) NOT NULL
        )
        """

    /// What is done up to a position, of what there is to do up to another.
    struct Progress: Sendable, Equatable {
        var position: Int64
        var through: Int64

        var isDone: Bool { position >= through }
    }

    /// Nil: it has not begun.
    static func progress(of name: String, in tx: Transaction) throws -> Progress? {
        try tx.row("SELECT position, through FROM syncapi_progress WHERE name = \(name)", as: Int64.self, Int64.self)
            .map { Progress(position: $0, through: $1) }
    }

    static func set(_ progress: Progress, of name: String, in tx: Transaction) throws {
        try tx.later("""
            INSERT INTO syncapi_progress (name, position, through) VALUES (\(name), \(progress.position), \(progress.through))
            ON CONFLICT (name) DO UPDATE SET position = excluded.position, through = excluded.through
            """)
    }
}
