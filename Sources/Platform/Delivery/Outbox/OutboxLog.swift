import SQL

/// The outbox as it is read: by publishers above the mark, by listeners that missed something from any number on.
extension Outbox {
    /// What lies above a number, oldest first: the answer to a listener with a gap. Where it does not begin with the next
    /// number, what lay between has been pruned.
    public func after(_ seq: Int64, of key: OutboxKey, limit: Int, in tx: Transaction) throws -> [OutboxEntry] {
        try tx.rows("""
            SELECT seq, message, request_id FROM \(name: messages)
            WHERE topic = \(key.topic) AND key = \(key.key) AND seq > \(seq) ORDER BY seq LIMIT \(limit)
            """, as: Int64.self, [UInt8].self, String?.self
        ).map { OutboxEntry(topic: key.topic, key: key.key, seq: $0, bytes: $1, requestID: $2) }
    }

    /// What has not been told, oldest first.
    public func pending(_ key: OutboxKey, limit: Int, in tx: Transaction) throws -> [OutboxEntry] {
        try after(mark(of: key, in: tx), of: key, limit: limit, in: tx)
    }

    /// The keys of a topic that had messages since then, in the database's milliseconds, and their last numbers. A listener
    /// compares them with its cursors, for a loss at the very end has no successor to betray it.
    /// In pages by key; `after` is the last key of the page before.
    public func heads(
        topic: String, changedSince since: Int64, after: String? = nil, limit: Int, in tx: Transaction
    ) throws -> [(key: String, seq: Int64)] {
        try tx.rows("""
            SELECT key, MAX(seq) FROM \(name: messages)
            WHERE topic = \(topic) AND created_ts >= \(since) AND key > \(after ?? "")
            GROUP BY key ORDER BY key LIMIT \(limit)
            """, as: String.self, Int64.self
        ).map { (key: $0, seq: $1) }
    }

    /// The last number a key has in the log, or 0.
    public func head(of key: OutboxKey, in tx: Transaction) throws -> Int64 {
        try tx.row("""
            SELECT COALESCE(MAX(seq), 0) FROM \(name: messages) WHERE topic = \(key.topic) AND key = \(key.key)
            """, as: Int64.self) ?? 0
    }

    /// All up to this number has been told.
    public func mark(of key: OutboxKey, in tx: Transaction) throws -> Int64 {
        try tx.row("SELECT seq FROM \(name: marks) WHERE topic = \(key.topic) AND key = \(key.key)", as: Int64.self) ?? 0
    }

    /// Raises marks, never lowers them. They have a table of their own: a publisher does not wait for the row that numbers.
    public func markSent(_ sent: [OutboxKey: Int64], in tx: Transaction) throws {
        let rows = sent.sorted { ($0.key.topic, $0.key.key) < ($1.key.topic, $1.key.key) }
        for page in rows.pages(of: 1000) {
            let values = page.map { row -> [any SQLBindable] in
                [row.key.topic, row.key.key, row.value]
            }
            try tx.run("""
                INSERT INTO \(name: marks) (topic, key, seq) \(rows: values)
                ON CONFLICT (topic, key) DO UPDATE SET seq = excluded.seq WHERE \(name: marks).seq < excluded.seq
                """)
        }
    }

    /// Keys with something untold among what was written in a span of the database's time: what a dead publisher left.
    func untold(writtenFrom from: Int64, to: Int64, limit: Int, in tx: Transaction) throws -> [OutboxKey] {
        try tx.rows("""
            SELECT o.topic, o.key FROM (
                SELECT topic, key, MAX(seq) AS seq FROM \(name: messages)
                WHERE created_ts >= \(from) AND created_ts < \(to) GROUP BY topic, key
            ) o JOIN \(name: marks) s ON s.topic = o.topic AND s.key = o.key
            WHERE o.seq > s.seq LIMIT \(limit)
            """, as: String.self, String.self
        ).map { OutboxKey(topic: $0, key: $1) }
    }

    /// Keys with something untold, however old. A look at the index for every key: for the start, and now and then.
    func untold(limit: Int, in tx: Transaction) throws -> [OutboxKey] {
        try tx.rows("""
            SELECT s.topic, s.key FROM \(name: marks) s WHERE EXISTS (
                SELECT 1 FROM \(name: messages) o WHERE o.topic = s.topic AND o.key = s.key AND o.seq > s.seq
            ) LIMIT \(limit)
            """, as: String.self, String.self
        ).map { OutboxKey(topic: $0, key: $1) }
    }

    /// Deletes what was told and is older than that, at most `limit` of it; returns how much that was.
    public func prune(writtenBefore: Int64, limit: Int, in tx: Transaction) throws -> Int {
        try tx.changes("""
            DELETE FROM \(name: messages) WHERE (topic, key, seq) IN (
                SELECT o.topic, o.key, o.seq FROM \(name: messages) o
                JOIN \(name: marks) s ON s.topic = o.topic AND s.key = o.key
                WHERE o.created_ts < \(writtenBefore) AND o.seq <= s.seq ORDER BY o.created_ts LIMIT \(limit)
            )
            """)
    }
}
