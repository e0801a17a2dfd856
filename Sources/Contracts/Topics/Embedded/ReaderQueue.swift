/// What one durable has before it in one partition. One message is out at a time.
///
/// What was just published goes straight into the buffer; a reader that is behind reads the store instead, so that what
/// is held here is bounded.
struct ReaderQueue {
    static let maxMessages = 64
    static let maxBytes = 1 << 20
    /// How many are read from the store at a time.
    static let batch = 16

    /// Up to where everything is acknowledged.
    private(set) var acknowledged: Int64
    private(set) var buffer: [StoredMessage] = []
    private var bytes = 0
    /// The last message published, as far as is known.
    private(set) var head: Int64 = 0
    /// The store has messages that the buffer has not.
    private(set) var isBehind = true
    /// Somebody has the first message, or is reading the store.
    var isTaken = false

    init(acknowledged: Int64) { self.acknowledged = acknowledged }

    var hasWork: Bool { !isTaken && (!buffer.isEmpty || isBehind) }
    /// The offset behind which the store is to be read.
    var readFrom: Int64 { max(buffer.last?.offset ?? 0, acknowledged) }

    /// Whether so many wait, or more than is known here.
    func holds(_ count: Int) -> Bool { isBehind || buffer.count >= count }

    mutating func append(_ stored: StoredMessage) {
        head = stored.offset
        // Read from the store already, in the moment between its commit and this.
        guard stored.offset > readFrom else { return }
        if isBehind || buffer.count >= Self.maxMessages || bytes + stored.message.bytes.count > Self.maxBytes && !buffer.isEmpty {
            isBehind = true
        } else {
            buffer.append(stored)
            bytes += stored.message.bytes.count
        }
    }

    /// Takes in what the store had when `head` was `seen`.
    mutating func fill(_ messages: [StoredMessage], limit: Int, whenHeadWas seen: Int64) {
        for message in messages where message.offset > readFrom {
            buffer.append(message)
            bytes += message.message.bytes.count
        }
        isBehind = messages.count >= limit || head != seen
    }

    /// The first message is done with.
    mutating func acknowledge(_ offset: Int64) {
        acknowledged = max(acknowledged, offset)
        while let first = buffer.first, first.offset <= acknowledged {
            buffer.removeFirst()
            bytes -= first.message.bytes.count
        }
    }
}
