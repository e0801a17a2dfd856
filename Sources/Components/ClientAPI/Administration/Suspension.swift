import Contracts
import Matrix
import Web

/// What a user may not do whose account is suspended: what others would see, but for leaving, and taking back what they said.
/// [Account suspension](https://spec.matrix.org/v1.19/client-server-api/#account-suspension)
struct Suspension: Sendable {
    let rooms: any RoomserverAPI

    /// Endpoints below `/_matrix/client/v3`, by their beginnings.
    private static let refused: [(Web.Method, String)] = [
        (.put, "/rooms/{roomId}/send/"), (.post, "/rooms/{roomId}/send/"), (.put, "/rooms/{roomId}/state/"),
        (.post, "/createRoom"), (.post, "/join/"), (.post, "/rooms/{roomId}/join"), (.post, "/knock/"),
        (.post, "/rooms/{roomId}/invite"), (.post, "/rooms/{roomId}/kick"), (.post, "/rooms/{roomId}/ban"),
        (.post, "/rooms/{roomId}/unban"), (.post, "/rooms/{roomId}/upgrade"), (.put, "/directory/"), (.delete, "/directory/"),
        (.put, "/profile/"), (.delete, "/profile/"), (.put, "/rooms/{roomId}/typing/"), (.put, "/presence/"),
        (.post, "/rooms/{roomId}/report"), (.post, "/users/{userId}/report"),
    ]

    /// The same endpoint, closed to them where it is one of these.
    func applied(to endpoint: Endpoint) -> Endpoint {
        let path = endpoint.path.replacing("/_matrix/client/(r0|v3)", with: "").replacing("/_matrix/client/v3", with: "")
        var closed = endpoint
        if Self.refused.contains(where: { $0.0 == endpoint.method && path.hasPrefix($0.1) }) {
            closed.respond = { [respond = endpoint.respond] request in
                if request.caller?.isSuspended == true { throw MatrixError.userSuspended() }
                return try await respond(request)
            }
        } else if path.hasPrefix("/rooms/{roomId}/redact/") {
            closed.respond = { [respond = endpoint.respond] request in
                if let caller = request.caller, caller.isSuspended { try await checkIsOwn(request, caller) }
                return try await respond(request)
            }
        }
        return closed
    }

    private func checkIsOwn(_ request: Request, _ caller: Caller) async throws {
        let query = QueryEvent(
            roomID: try request.parameters["roomId"], eventID: try request.parameters["eventId"], userID: caller.userID)
        guard try await rooms.call(query).event.object?["sender"]?.string == caller.userID else {
            throw MatrixError.userSuspended()
        }
    }
}
