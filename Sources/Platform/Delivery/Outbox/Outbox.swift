import SQL

/// What a transaction has decided to tell: written with the decision, published after the commit, kept as a log.
///
/// Every key (a room, a user) of every topic has its own dense numbers from 1. They are taken by updating a row of the
/// key's, whose lock makes the order of commits the order of numbers; so what lies above a key's mark is what has not
/// been told, in the order in which it must be.
public struct Outbox: Sendable {
    let messages: String
    let marks: String
    let keys: String

    /// - Parameter prefix: the component's, before the names of the tables.
    public init(prefix: String) {
        messages = prefix + "_outbox"
        marks = prefix + "_outbox_sent"
        keys = prefix + "_outbox_keys"
    }

    public var migrations: [Migration] {
        [
            Migration("outbox 0001 \(messages)") { [self] in
                [
                    """
                    CREATE TABLE \(name: keys) (
                        topic \(.text) NOT NULL, key \(.text) NOT NULL, seq \(.integer) NOT NULL, PRIMARY KEY (topic, key)
                    )
                    """,
                    """
                    CREATE TABLE \(name: messages) (
                        topic \(.text) NOT NULL, key \(.text) NOT NULL, seq \(.integer) NOT NULL,
                        message \(.bytes) NOT NULL, request_id \(.text), created_ts \(.integer) NOT NULL,
                        PRIMARY KEY (topic, key, seq)
                    )
                    """,
                    "CREATE INDEX \(name: messages + "_created") ON \(name: messages) (created_ts)",
                    """
                    CREATE TABLE \(name: marks) (
                        topic \(.text) NOT NULL, key \(.text) NOT NULL, seq \(.integer) NOT NULL, PRIMARY KEY (topic, key)
                    )
                    """,
                ]
            },
            Migration("outbox 0002 \(messages) room to move") { [self] in [.roomToMove(in: marks), .roomToMove(in: keys)] },
        ]
    }

    /// Takes the key's next numbers from the outbox's own row of the key, and writes the messages under them.
    ///
    /// The row stays locked until the transaction ends. Give what is returned to ``OutboxPublisher/nudge(_:)`` after it.
    public func append(key: String, messages: [OutboxMessage], in tx: Transaction) throws -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        // In one order, so that two transactions never wait for each other.
        for topic in Set(messages.map(\.topic)).sorted() {
            let ofTopic = messages.filter { $0.topic == topic }
            let last = try tx.row("""
                INSERT INTO \(name: keys) (topic, key, seq) VALUES (\(topic), \(key), \(ofTopic.count))
                ON CONFLICT (topic, key) DO UPDATE SET seq = \(name: keys).seq + excluded.seq
                RETURNING seq
                """, as: Int64.self)
            guard let last else { throw DatabaseError.refusedValue("a key without a number") }
            entries += try append(key: key, messages: ofTopic, last: last, in: tx)
        }
        return entries
    }

    /// Writes messages of one topic under numbers that the component took from a row of its own:
    /// `UPDATE … SET out_seq = out_seq + n … RETURNING out_seq`, which is `last`. `now` is the database's time, where it is
    /// known.
    public func append(
        key: String, messages: [OutboxMessage], last: Int64, now: Int64? = nil, in tx: Transaction
    ) throws -> [OutboxEntry] {
        try append([OutboxPart(key: key, messages: messages, last: last)], now: now, in: tx)
    }

    /// The same for many keys at once.
    public func append(_ parts: [OutboxPart], now: Int64? = nil, in tx: Transaction) throws -> [OutboxEntry] {
        let entries = parts.flatMap(\.entries)
        let time: SQL = now.map { "\($0)" } ?? .now
        for page in entries.pages(of: 1000) {
            let rows = page.map { entry -> [any SQLBindable] in
                [entry.topic, entry.key, entry.seq, entry.bytes, entry.requestID]
            }
            try tx.later("""
                INSERT INTO \(name: self.messages) (topic, key, seq, message, request_id, created_ts)
                SELECT v.column1, v.column2, v.column3, v.column4, v.column5, \(sql: time) FROM (\(rows: rows)) v
                """)
        }
        let new = entries.filter { $0.seq == 1 }
        if !new.isEmpty {
            try tx.later("""
                INSERT INTO \(name: marks) (topic, key, seq) \(rows: new.map { [$0.topic, $0.key, 0] })
                ON CONFLICT (topic, key) DO NOTHING
                """)
        }
        return entries
    }
}

/// Messages of one key and one topic, with the number of the last of them.
public struct OutboxPart: Sendable {
    public var key: String
    public var messages: [OutboxMessage]
    public var last: Int64

    public init(key: String, messages: [OutboxMessage], last: Int64) {
        precondition(messages.allSatisfy { $0.topic == messages.first?.topic }, "numbers are a topic's")
        self.key = key
        self.messages = messages
        self.last = last
    }

    fileprivate var entries: [OutboxEntry] {
        let first = last - Int64(messages.count) + 1
        return messages.enumerated().map { index, message in
            OutboxEntry(
                topic: message.topic, key: key, seq: first + Int64(index), bytes: message.bytes, requestID: message.requestID)
        }
    }
}

/// What is to be told, on which topic.
public struct OutboxMessage: Sendable, Equatable {
    public var topic: String
    public var bytes: [UInt8]
    /// The request that caused it, for logs.
    public var requestID: String?

    public init(topic: String, bytes: [UInt8], requestID: String? = nil) {
        self.topic = topic
        self.bytes = bytes
        self.requestID = requestID
    }
}

/// A message and its number.
public struct OutboxEntry: Sendable, Equatable {
    public var topic: String
    public var key: String
    public var seq: Int64
    public var bytes: [UInt8]
    /// The request that caused it, for logs.
    public var requestID: String?

    public init(topic: String, key: String, seq: Int64, bytes: [UInt8], requestID: String? = nil) {
        self.topic = topic
        self.key = key
        self.seq = seq
        self.bytes = bytes
        self.requestID = requestID
    }

    /// The same for every publisher of this entry: a bus can tell that it has had it.
    public var id: String { "\(key)-\(seq)" }
}

/// A room or a user, on one topic: what has numbers of its own.
public struct OutboxKey: Sendable, Hashable {
    public var topic: String
    public var key: String

    public init(topic: String, key: String) {
        self.topic = topic
        self.key = key
    }
}
