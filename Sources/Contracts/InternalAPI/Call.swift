/// One question that one component asks of another.
///
/// The request type is the call: its stored properties are the arguments, ``Reply`` is what comes back, and ``path`` is
/// where it lives on the internal listener.
public protocol Call: Codable, Sendable {
    associatedtype Reply: Codable & Sendable = Done
    static var path: String { get }
    /// Whether it may be sent again when nobody knows what became of it.
    static var idempotency: Idempotency { get }
    /// How long the caller waits.
    static var timeout: Duration { get }
    /// The room or user that the call is about: such calls go to the same replica while it lives, for its warm caches.
    var affinity: String? { get }
}

extension Call {
    public static var idempotency: Idempotency { .once }
    public static var timeout: Duration { .seconds(30) }
    public var affinity: String? { nil }
}

/// What sending a call twice does.
public enum Idempotency: Sendable {
    /// Nothing: it only asks, or it sets what is already so.
    case repeatable
    /// Nothing more: it carries a key that is stored with its result, and the second sending has the first's answer.
    case keyed
    /// Something again; it is sent a second time only when the first never reached anybody.
    case once
}

/// The reply to a call that has nothing to say.
public struct Done: Codable, Sendable, Equatable {
    public init() {}
}
