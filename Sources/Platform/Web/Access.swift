/// Who may call an endpoint; checked before the handler sees the request.
public enum Access: Sendable {
    /// Anybody.
    case open
    /// A user with an access token who is no guest.
    case user
    /// A user or a guest, with an access token.
    case guest
    /// Anybody; a token that is sent must be a good one.
    case optionalUser
    /// An administrator of this server.
    case admin
    /// An application service, by its token.
    case appservice
    /// Another homeserver, by its signature over the request; checked after the body was read, which it covers.
    case server
    /// Whoever passes this check, which is made before the body is read.
    case checked(@Sendable (Request) throws -> Void)
}
