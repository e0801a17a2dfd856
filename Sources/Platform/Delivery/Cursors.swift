import SQL

/// How far a listener has applied each key of a topic: moved in the transaction of the effect, so that every message has
/// its effect once and in order, however often and in whatever order it arrives.
public struct Cursors: Sendable {
    /// What to do with a message.
    public enum Step: Sendable, Equatable {
        /// It is the next, and the cursor has moved to it.
        case apply
        /// It has been applied before.
        case drop
        /// Ask the owner for what comes after this number, apply that, and this message then.
        case gap(after: Int64)
    }

    let table: String

    /// - Parameter prefix: the component's, before the name of the table. One table serves all topics.
    public init(prefix: String) { table = prefix + "_cursors" }

    public var migrations: [Migration] {
        [
            Migration("cursors 0001 \(table)") { [self] in
                [
                    """
                    CREATE TABLE \(name: table) (
                        topic \(.text) NOT NULL, key \(.text) NOT NULL, seq \(.integer) NOT NULL, PRIMARY KEY (topic, key)
                    )
                    """
                ]
            }
        ]
    }

    /// Moves the cursor if the number is the next; the row is locked then until the transaction ends.
    public func advance(_ key: OutboxKey, to seq: Int64, in tx: Transaction) throws -> Step {
        let moved = try tx.changes("""
            UPDATE \(name: table) SET seq = \(seq) WHERE topic = \(key.topic) AND key = \(key.key) AND seq = \(seq - 1)
            """)
        if moved == 1 { return .apply }
        if seq == 1 {
            // The first of its key: of two that come at once, the second waits here, and finds the row.
            let made = try tx.changes("""
                INSERT INTO \(name: table) (topic, key, seq) VALUES (\(key.topic), \(key.key), 1)
                ON CONFLICT (topic, key) DO NOTHING
                """)
            if made == 1 { return .apply }
        }
        let cursor = try position(of: key, in: tx)
        return seq <= cursor ? .drop : .gap(after: cursor)
    }

    /// Moves the cursor over what can no longer be had, because the owner's log has been pruned; never back.
    public func skip(_ key: OutboxKey, to seq: Int64, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO \(name: table) (topic, key, seq) VALUES (\(key.topic), \(key.key), \(seq))
            ON CONFLICT (topic, key) DO UPDATE SET seq = excluded.seq WHERE \(name: table).seq < excluded.seq
            """)
    }

    /// The last number applied, or 0.
    public func position(of key: OutboxKey, in tx: Transaction) throws -> Int64 {
        try tx.row("SELECT seq FROM \(name: table) WHERE topic = \(key.topic) AND key = \(key.key)", as: Int64.self) ?? 0
    }

    /// Of the owner's heads, those that lie beyond their cursors, with the number after which to ask.
    public func behind(
        topic: String, heads: [(key: String, seq: Int64)], in tx: Transaction
    ) throws -> [(key: String, after: Int64)] {
        let rows = try tx.rows("""
            SELECT key, seq FROM \(name: table) WHERE topic = \(topic) AND key \(anyOf: heads.map(\.key))
            """, as: String.self, Int64.self)
        let cursors = Dictionary(rows.map { ($0, $1) }, uniquingKeysWith: max)
        return heads.compactMap { head in
            let cursor = cursors[head.key] ?? 0
            return cursor < head.seq ? (key: head.key, after: cursor) : nil
        }
    }
}
