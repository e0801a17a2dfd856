/// What a server says to a client.
public enum ServerOperation: Sendable, Hashable {
    case info(ServerInfo)
    /// MSG and HMSG, with the number of the subscription they are for.
    case message(sid: UInt64, NATSMessage)
    case ping
    case pong
    case ok
    case error(String)
}
