import Contracts
import Delivery
import Logging
import Matrix
import SQL
import ServiceLifecycle

/// Has users whose accounts are deactivated leave their rooms, refuse invites and take back knocks, and the rooms know of who is
/// erased: pieces of work that any replica takes, and goes on with where another ended.
/// [Account deactivation](https://spec.matrix.org/v1.19/client-server-api/#account-deactivation)
struct Departures: Sendable {
    let rooms: any RoomserverAPI
    let logger: Logger

    func worker(_ claims: Claims, on database: Database) -> any Service {
        ClaimWorker(claims: claims, database: database, logger: logger) { claim in
            if try await database.query({ try AccountTable.isErased(claim.piece, in: $0) }) {
                _ = try await rooms.call(EraseUser(userID: claim.piece))
            }
            return try await leaveAll(claim.piece)
        }
    }

    /// A room that does not let the user go is passed over; where one cannot be reached, all is tried again.
    func leaveAll(_ userID: String) async throws -> ClaimWorker.Outcome {
        for roomID in try await rooms.call(QueryRoomsOfUser(userID: userID)).roomIDs {
            do {
                _ = try await rooms.call(
                    ChangeMembership(
                        roomID: roomID, action: .leave, sender: userID, target: userID, content: RawJSON(.object([:]))))
            } catch let error as MatrixError where error.status < 500 {
                logger.info("a room is not left", metadata: ["room": "\(roomID)", "user": "\(userID)", "error": "\(error.error)"])
            }
        }
        return .done
    }
}
