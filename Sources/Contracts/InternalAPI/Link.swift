/// How a call reaches the component that answers it.
public protocol Link: Sendable {
    func call<C: Call>(_ call: C) async throws -> C.Reply
}

/// A stand-in for a component somewhere else.
///
/// The one generic method witnesses every overload of an API's `call`, so a client conforms to its API with no code of its own.
public protocol Client: Sendable {
    var link: any Link { get }
}

extension Client {
    public func call<C: Call>(_ call: C) async throws -> C.Reply { try await link.call(call) }
}
