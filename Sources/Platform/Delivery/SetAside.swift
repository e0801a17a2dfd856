import Metrics
import SQL

/// Messages that could not be applied however often they were tried: kept for an operator, out of the others' way.
///
/// A topic has no limit of deliveries, which would skip in silence; without this table one message that nobody can apply
/// would hold up its partition for ever.
public struct SetAside: Sendable {
    /// A message that was set aside.
    public struct Entry: Sendable, Equatable {
        public var topic: String
        public var key: String
        /// The key's number, or the topic's name for the message where it has no number.
        public var id: String
        public var error: String
        public var message: [UInt8]

        public init(topic: String, key: String, id: String, error: String, message: [UInt8]) {
            self.topic = topic
            self.key = key
            self.id = id
            self.error = error
            self.message = message
        }
    }

    let table: String

    public init(prefix: String) { table = prefix + "_set_aside" }

    public var migrations: [Migration] {
        [
            Migration("set aside 0001 \(table)") { [self] in
                [
                    """
                    CREATE TABLE \(name: table) (
                        topic \(.text) NOT NULL, key \(.text) NOT NULL, id \(.text) NOT NULL, error \(.text) NOT NULL,
                        message \(.bytes) NOT NULL, set_aside_ts \(.integer) NOT NULL, PRIMARY KEY (topic, key, id)
                    )
                    """
                ]
            }
        ]
    }

    /// Keeps a message; once is enough.
    public func keep(_ entry: Entry, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO \(name: table) (topic, key, id, error, message, set_aside_ts)
            VALUES (\(entry.topic), \(storable(entry.key)), \(storable(entry.id)), \(storable(entry.error)), \(entry.message),
                \(sql: .now))
            ON CONFLICT (topic, key, id) DO NOTHING
            """)
    }

    /// Counts it in the metrics; after the commit.
    public func count(topic: String) {
        Counter(label: "dendrite_messages_set_aside", dimensions: [("table", table), ("topic", topic)]).increment()
    }

    public func entries(in tx: Transaction) throws -> [Entry] {
        try tx.rows("""
            SELECT topic, key, id, error, message FROM \(name: table) ORDER BY set_aside_ts, topic, key, id
            """, as: String.self, String.self, String.self, String.self, [UInt8].self
        ).map { Entry(topic: $0, key: $1, id: $2, error: $3, message: $4) }
    }

    /// U+0000, which may be just what was wrong with the message, is shown as U+2400.
    private func storable(_ text: String) -> String {
        text.utf8.contains(0) ? String(text.unicodeScalars.map { $0.value == 0 ? "\u{2400}" : Character($0) }) : text
    }
}
