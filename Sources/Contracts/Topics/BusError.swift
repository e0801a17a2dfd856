/// Why a bus did not take a message.
public enum BusError: Error, Sendable, Equatable {
    /// The payload is larger than ``StreamSpec/maxPayload``.
    case tooLarge(bytes: Int)
    /// The stream is full and refuses rather than drops.
    case full(topic: String)
    /// No stream of this name was started.
    case unknownTopic(String)
    /// No durable of this name was started with its stream.
    case unknownDurable(String)
    /// A stream of this name exists that is kept in another way, which can't be changed.
    case wrongStream(String, String)
    /// The bus can't be reached now; nothing is known about what was asked.
    case unavailable(String)
}
