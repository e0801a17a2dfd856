import SQL

/// Messages in an SQLite file, which one process has open. Identifiers are bytes there: they may hold U+0000.
struct SQLiteMessageStore: MessageStore {
    private let database: Database

    init(path: String) async throws {
        database = try await Database.open("file:\(path)", options: DatabaseOptions(name: "bus", maxOpenConnections: 2))
        try await database.migrate("bus", Self.migrations)
    }

    private static let migrations = [
        Migration("0001 messages and positions") {
            [
                """
                CREATE TABLE bus_messages (
                    message_offset \(.identity),
                    topic \(.text) NOT NULL,
                    part \(.integer) NOT NULL,
                    message_key \(.bytes) NOT NULL,
                    message_id \(.bytes) NOT NULL,
                    seq \(.integer),
                    request_id \(.bytes),
                    payload \(.bytes) NOT NULL,
                    created_ts \(.integer) NOT NULL
                )
                """,
                "CREATE INDEX bus_messages_by_part ON bus_messages (topic, part, message_offset)",
                """
                CREATE TABLE bus_positions (
                    topic \(.text) NOT NULL,
                    durable \(.text) NOT NULL,
                    part \(.integer) NOT NULL,
                    message_offset \(.integer) NOT NULL,
                    PRIMARY KEY (topic, durable, part)
                )
                """,
            ]
        }
    ]

    func open(_ topics: [String]) async throws -> StoreContents {
        try await database.read { tx in
            var contents = StoreContents()
            for (topic, bytes) in try tx.rows(
                "SELECT topic, SUM(LENGTH(payload) + \(NewMessage.overhead)) FROM bus_messages GROUP BY topic", as: String.self, Int64.self)
            {
                contents.bytes[topic] = bytes
            }
            for (topic, durable, partition, offset) in try tx.rows(
                "SELECT topic, durable, part, message_offset FROM bus_positions",
                as: String.self, String.self, Int.self, Int64.self)
            {
                contents.acknowledged[Reader(topic: topic, durable: durable, partition: partition)] = offset
            }
            return contents
        }
    }

    func write(_ batch: StoreBatch) async throws -> StoreResult {
        try await database.transaction { tx in
            var result = StoreResult()
            for (reader, offset) in batch.acknowledged {
                try tx.run("""
                    INSERT INTO bus_positions (topic, durable, part, message_offset)
                    VALUES (\(reader.topic), \(reader.durable), \(reader.partition), \(offset))
                    ON CONFLICT (topic, durable, part) DO UPDATE SET message_offset = excluded.message_offset
                    """)
            }
            for purge in batch.purges {
                result.freed[purge.topic, default: 0] += try tx.freed("""
                    DELETE FROM bus_messages
                    WHERE topic = \(purge.topic) AND part = \(purge.partition) AND message_offset <= \(purge.through)
                    RETURNING LENGTH(payload) + \(NewMessage.overhead)
                    """)
            }
            for (topic, before) in batch.expiries {
                result.freed[topic, default: 0] += try tx.freed("""
                    DELETE FROM bus_messages WHERE topic = \(topic) AND created_ts < \(before) RETURNING LENGTH(payload) + \(NewMessage.overhead)
                    """)
            }
            for (topic, bytes) in batch.evictions { result.freed[topic, default: 0] += try tx.evict(bytes, from: topic) }
            for message in batch.appends { result.offsets.append(try tx.append(message)) }
            return result
        }
    }

    func read(topic: String, partition: Int, after offset: Int64, limit: Int) async throws -> [StoredMessage] {
        try await database.read { tx in
            try tx.rows("""
                SELECT message_offset, message_key, message_id, seq, request_id, payload, created_ts FROM bus_messages
                WHERE topic = \(topic) AND part = \(partition) AND message_offset > \(offset)
                ORDER BY message_offset LIMIT \(limit)
                """, as: Int64.self, [UInt8].self, [UInt8].self, Int64?.self, [UInt8]?.self, [UInt8].self, Int64.self
            ).map { offset, key, id, seq, requestID, bytes, created in
                StoredMessage(
                    offset: offset,
                    message: NewMessage(
                        topic: topic, partition: partition, key: text(key), id: text(id), seq: seq,
                        requestID: requestID.map(text), bytes: bytes, created: created))
            }
        }
    }

    func close() async { await database.close() }
}

/// An identifier as it was before it was stored.
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension Transaction {
    /// Runs a deletion that returns lengths, and sums them.
    fileprivate func freed(_ deletion: SQL) throws -> Int64 { try rows(deletion, as: Int64.self).reduce(0, +) }

    /// Deletes the oldest of a topic until so many bytes are gone, or nothing is left.
    fileprivate func evict(_ bytes: Int64, from topic: String) throws -> Int64 {
        var total: Int64 = 0
        while total < bytes {
            let oldest = try rows("""
                SELECT message_offset, LENGTH(payload) + \(NewMessage.overhead) FROM bus_messages WHERE topic = \(topic)
                ORDER BY message_offset LIMIT 64
                """, as: Int64.self, Int64.self)
            guard !oldest.isEmpty else { break }
            for (offset, length) in oldest where total < bytes {
                try run("DELETE FROM bus_messages WHERE message_offset = \(offset)")
                total += length
            }
        }
        return total
    }

    fileprivate func append(_ message: NewMessage) throws -> Int64 {
        let offset = try row("""
            INSERT INTO bus_messages (topic, part, message_key, message_id, seq, request_id, payload, created_ts)
            VALUES (\(message.topic), \(message.partition), \(Array(message.key.utf8)), \(Array(message.id.utf8)), \(message.seq),
                \(message.requestID.map { Array($0.utf8) }), \(message.bytes), \(message.created))
            RETURNING message_offset
            """, as: Int64.self)
        guard let offset else { throw BusError.unavailable("nothing was appended") }
        return offset
    }
}
