import Matrix

/// An event as its sender means it: the roomserver adds where it stands in the room, checks, hashes and signs it.
public struct Draft: Codable, Sendable, Equatable {
    public var type: String
    /// Present exactly when it is a state event.
    public var stateKey: String?
    public var sender: String
    /// A JSON object.
    public var content: RawJSON
    /// The event that an `m.room.redaction` redacts.
    public var redacts: String?
    /// Milliseconds; only an application service may choose it. Otherwise now.
    public var originServerTS: Int64?

    public init(
        type: String, stateKey: String? = nil, sender: String, content: RawJSON, redacts: String? = nil,
        originServerTS: Int64? = nil
    ) {
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.redacts = redacts
        self.originServerTS = originServerTS
    }
}

/// Names one request of one device, so that sending it again has no second effect and the same answer.
/// [Transaction identifiers](https://spec.matrix.org/v1.19/client-server-api/#transaction-identifiers)
public struct TransactionKey: Codable, Sendable, Hashable {
    public var userID: String
    public var deviceID: String
    /// The endpoint: the scope of the identifier, for example `send`.
    public var endpoint: String
    public var transactionID: String

    public init(userID: String, deviceID: String, endpoint: String, transactionID: String) {
        self.userID = userID
        self.deviceID = deviceID
        self.endpoint = endpoint
        self.transactionID = transactionID
    }
}
