import SQL

/// Numbers of a key that follow each other.
public struct CursorRun: Sendable, Equatable {
    public var key: String
    public var first: Int64
    public var last: Int64

    public init(key: String, first: Int64, last: Int64) {
        self.key = key
        self.first = first
        self.last = last
    }
}

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
            },
            Migration("cursors 0002 \(table) room to move") { [self] in [.roomToMove(in: table)] },
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

    /// Moves the cursors of many keys of a topic, each over a run of numbers, in one statement or two. The keys that are
    /// returned are those whose run began with their next number; the others' cursors have not moved.
    public func advance(topic: String, over runs: [CursorRun], in tx: Transaction) throws -> Set<String> {
        // Within a statement a key comes once, and in one order, so that two transactions seldom wait for each other.
        let runs = runs.sorted { $0.key < $1.key }
        var moved: Set<String> = []
        let known = runs.filter { $0.first > 1 }, new = runs.filter { $0.first == 1 }
        if !known.isEmpty {
            moved.formUnion(try tx.rows("""
                UPDATE \(name: table) SET seq = v.column3
                FROM (\(rows: known.map { [$0.key, $0.first - 1, $0.last] })) v
                WHERE topic = \(topic) AND key = v.column1 AND seq = v.column2 RETURNING key
                """, as: String.self))
        }
        if !new.isEmpty {
            moved.formUnion(try tx.rows("""
                INSERT INTO \(name: table) (topic, key, seq) \(rows: new.map { [topic, $0.key, $0.last] })
                ON CONFLICT (topic, key) DO NOTHING RETURNING key
                """, as: String.self))
        }
        return moved
    }

    /// What to do with many messages, in their order: those of a key that follow each other from its next number on move its
    /// cursor together, what is left is looked at one by one.
    public func advance(_ messages: [(key: OutboxKey, seq: Int64)], in tx: Transaction) throws -> [Step] {
        var steps = [Step?](repeating: nil, count: messages.count)
        for (topic, indices) in Dictionary(grouping: messages.indices, by: { messages[$0].key.topic }).sorted(by: { $0.key < $1.key }) {
            var runs: [String: (run: CursorRun, indices: [Int], isBroken: Bool)] = [:]
            for index in indices {
                let (key, seq) = (messages[index].key.key, messages[index].seq)
                var one = runs[key] ?? (CursorRun(key: key, first: seq, last: seq - 1), [], false)
                if !one.isBroken, seq == one.run.last + 1 {
                    one.run.last = seq
                    one.indices.append(index)
                } else {
                    one.isBroken = true
                }
                runs[key] = one
            }
            for key in try advance(topic: topic, over: runs.values.map(\.run), in: tx) {
                for index in runs[key]?.indices ?? [] { steps[index] = .apply }
            }
        }
        return try messages.indices.map { index in
            try steps[index] ?? advance(messages[index].key, to: messages[index].seq, in: tx)
        }
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
        try behindAhead(topic: topic, heads: heads, in: tx)()
    }

    /// The same with the next statement that is waited for.
    public func behindAhead(
        topic: String, heads: [(key: String, seq: Int64)], in tx: Transaction
    ) throws -> () throws -> [(key: String, after: Int64)] {
        if heads.isEmpty { return { [] } }
        let found = try tx.ahead("""
            SELECT key, seq FROM \(name: table) WHERE topic = \(topic) AND key \(anyOf: heads.map(\.key))
            """)
        return {
            let cursors = Dictionary(try found.rows(as: String.self, Int64.self).map { ($0, $1) }, uniquingKeysWith: max)
            return heads.compactMap { head in
                let cursor = cursors[head.key] ?? 0
                return cursor < head.seq ? (key: head.key, after: cursor) : nil
            }
        }
    }
}
