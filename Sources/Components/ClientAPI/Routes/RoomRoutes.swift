import Web

extension ClientAPI {
    /// Rooms: creation, membership, events, the directory.
    var roomRoutes: [Endpoint] { [] }
}
