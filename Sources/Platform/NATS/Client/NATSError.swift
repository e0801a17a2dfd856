/// What can go wrong between us and a NATS server.
public enum NATSError: Error, Sendable, Equatable {
    /// A subject that can't be written: empty, too long, with blanks, empty tokens, or wildcards where none may be.
    case invalidSubject(String)
    /// A header whose name or value would break the message apart.
    case invalidHeader(String)
    /// A server address that can't be understood; never holds a password.
    case invalidAddress(String)
    /// An nkey seed or credentials file that can't be used.
    case invalidCredentials(String)
    /// Larger than the server's `max_payload`.
    case payloadTooLarge(bytes: Int, limit: Int)
    /// The server broke the protocol, or what came is larger than we hold.
    case protocolViolation(String)
    /// The server refused our credentials.
    case authorization(String)
    /// Nobody listens to the subject of a request.
    case noResponders
    /// No answer in time.
    case timeout
    /// The connection was lost before an answer came: nothing is known about what was asked.
    case disconnected
    /// So much waits to be sent that no more is taken.
    case outgoingBufferFull
    /// The client, or the subscription, was closed.
    case closed
    /// A subscription has one reader at a time.
    case busy
}
