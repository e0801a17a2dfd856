/// What JetStream answers when it will not do what was asked.
public struct JetStreamError: Error, Sendable, Hashable, Decodable {
    /// What the error is about; numbers that have no name here are carried as they came.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let consumerNotFound = Kind(rawValue: 10_014)
        public static let consumerNameInUse = Kind(rawValue: 10_013)
        public static let consumerExists = Kind(rawValue: 10_105)
        public static let insufficientResources = Kind(rawValue: 10_023)
        public static let jetStreamNotEnabled = Kind(rawValue: 10_076)
        public static let jetStreamNotEnabledForAccount = Kind(rawValue: 10_039)
        public static let storageExceeded = Kind(rawValue: 10_047)
        public static let memoryExceeded = Kind(rawValue: 10_028)
        public static let streamConfigurationInvalid = Kind(rawValue: 10_052)
        public static let streamNameInUse = Kind(rawValue: 10_058)
        public static let streamNotFound = Kind(rawValue: 10_059)
        public static let streamSubjectOverlap = Kind(rawValue: 10_065)
        public static let noSuitablePeers = Kind(rawValue: 10_005)
        public static let temporarilyUnavailable = Kind(rawValue: 10_008)
        public static let wrongLastSequence = Kind(rawValue: 10_071)
        public static let wrongLastMessageID = Kind(rawValue: 10_070)
        public static let streamStoreFailed = Kind(rawValue: 10_077)
        public static let streamNotMatching = Kind(rawValue: 10_060)
    }

    /// As HTTP's: 400 for what is wrong with the request, 404, 503.
    public var code: Int
    public var kind: Kind
    public var description: String

    public init(code: Int, kind: Kind, description: String) {
        self.code = code
        self.kind = kind
        self.description = description
    }

    /// A stream that refuses what does not fit.
    public var isFull: Bool {
        [.streamStoreFailed, .storageExceeded, .memoryExceeded, .insufficientResources].contains(kind)
            && (kind != .streamStoreFailed || description.contains("maximum"))
    }

    /// Worth asking again soon: the cluster has no leader yet, or is starting.
    public var isTemporary: Bool { code == 503 && !isFull }

    private enum CodingKeys: String, CodingKey { case code, kind = "err_code", description }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = try container.decodeIfPresent(Int.self, forKey: .code) ?? 500
        kind = Kind(rawValue: try container.decodeIfPresent(Int.self, forKey: .kind) ?? 0)
        description = try container.decodeIfPresent(String.self, forKey: .description) ?? ""
    }
}
