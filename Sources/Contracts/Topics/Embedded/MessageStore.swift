/// Where ``EmbeddedBus`` keeps messages, and how far each durable has come, for longer than the process lives.
protocol MessageStore: Sendable {
    /// How many bytes each topic holds, and how far each durable has come.
    func open(_ topics: [String]) async throws -> StoreContents
    /// Does all of a batch or nothing; what it appends outlives a power cut.
    func write(_ batch: StoreBatch) async throws -> StoreResult
    /// Messages of a partition in order, from behind an offset.
    func read(topic: String, partition: Int, after offset: Int64, limit: Int) async throws -> [StoredMessage]
    func close() async
}

/// A message before it has a place.
struct NewMessage: Sendable {
    var topic: String
    var partition: Int
    var key: String
    var id: String
    var seq: Int64?
    var requestID: String?
    var bytes: [UInt8]
    /// Milliseconds since 1970.
    var created: Int64

    /// What a message takes beside its payload, about; so that many empty ones fill a topic too.
    static let overhead: Int64 = 100
    var size: Int64 { Int64(bytes.count) + Self.overhead }
}

/// A message in its place; offsets rise in the order of publishing.
struct StoredMessage: Sendable {
    var offset: Int64
    var message: NewMessage
}

/// One durable's place in one partition.
struct Reader: Sendable, Hashable {
    var topic: String
    var durable: String
    var partition: Int
}

struct StoreContents: Sendable {
    var bytes: [String: Int64] = [:]
    var acknowledged: [Reader: Int64] = [:]
}

/// What is done at once, in this order.
struct StoreBatch: Sendable {
    struct Purge: Sendable {
        var topic: String
        var partition: Int
        var through: Int64
    }

    var acknowledged: [Reader: Int64] = [:]
    /// What every durable is done with.
    var purges: [Purge] = []
    /// By topic: what was created before this is too old.
    var expiries: [String: Int64] = [:]
    /// By topic: how many bytes at least of the oldest must go.
    var evictions: [String: Int64] = [:]
    var appends: [NewMessage] = []

    var isEmpty: Bool {
        acknowledged.isEmpty && purges.isEmpty && expiries.isEmpty && evictions.isEmpty && appends.isEmpty
    }
}

struct StoreResult: Sendable {
    /// Of what was appended.
    var offsets: [Int64] = []
    /// By topic: how many bytes are gone.
    var freed: [String: Int64] = [:]
}
