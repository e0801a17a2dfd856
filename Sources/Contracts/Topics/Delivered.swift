/// A message as a consumer gets it.
public struct Delivered<Message: Sendable>: Sendable {
    public let message: Message
    /// The room or user whose messages are handed over in order.
    public let key: String
    /// The key's number, when the message came from an outbox.
    public let seq: Int64?
    /// What the publisher de-duplicates by.
    public let id: String
    /// The request that caused it, for logs.
    public let requestID: String?
    /// How often it was handed over before this time.
    public let redeliveries: Int

    public init(message: Message, key: String, seq: Int64?, id: String, requestID: String? = nil, redeliveries: Int = 0) {
        self.message = message
        self.key = key
        self.seq = seq
        self.id = id
        self.requestID = requestID
        self.redeliveries = redeliveries
    }

    /// The same delivery with its message read as something else.
    func with<Other: Sendable>(message: Other) -> Delivered<Other> {
        Delivered<Other>(message: message, key: key, seq: seq, id: id, requestID: requestID, redeliveries: redeliveries)
    }
}
