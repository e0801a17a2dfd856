import Matrix
import SQL
import Web

/// Finds the event closest to a time, from which a client can page on.
/// [GET …/rooms/{roomId}/timestamp_to_event](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event)
final class EventByTimestamp: Sendable {
    private let barrier: Barrier
    /// How many events are looked at, at once and altogether, for one that the user may see.
    private static let page = 500, most = 20_000

    init(barrier: Barrier) { self.barrier = barrier }

    struct Found: Encodable, Sendable {
        var eventID: String
        var originServerTS: Int64

        enum CodingKeys: String, CodingKey {
            case eventID = "event_id"
            case originServerTS = "origin_server_ts"
        }
    }

    func callAsFunction(_ request: Request) async throws -> Found {
        let caller = try request.requireCaller()
        let roomID = try request.parameters["roomId"]
        guard let timestamp = Int64(try request.query.require("ts")) else {
            throw MatrixError.invalidParam("ts must be a time in milliseconds")
        }
        guard let direction = PageReader.Question.Direction(rawValue: try request.query.require("dir")) else {
            throw MatrixError.invalidParam("dir must be b or f")
        }
        let heads = try await barrier.heads(toRead: roomID, for: caller.userID)
        return try await barrier.read(upTo: heads) { tx, position in
            let view = try RoomView(of: caller.userID, to: roomID, at: position, in: tx)
            guard let found = try Self.closest(to: timestamp, direction, roomID, caller.userID, view, tx) else {
                throw MatrixError.notFound("There is no event \(direction == .forward ? "after" : "before") that time")
            }
            return found
        }
    }

    private static func closest(
        to timestamp: Int64, _ direction: PageReader.Question.Direction, _ roomID: String, _ userID: String, _ view: RoomView,
        _ tx: Transaction
    ) throws -> Found? {
        var place = EventTime(timestamp: timestamp, position: direction == .forward ? 0 : .max), looked = 0
        while looked < most {
            let events = try EventsTable.times(from: place, newestFirst: direction == .backward, room: roomID, limit: page, in: tx)
            for event in events {
                let isOwn = event.type == "m.room.member" && event.stateKey == userID
                if event.time.position <= view.last,
                    view.history.allows(at: event.time.position, visibility: event.historyVisibility, isOwnMembership: isOwn)
                {
                    return Found(eventID: event.eventID, originServerTS: event.time.timestamp)
                }
            }
            guard let last = events.last, events.count == page else { return nil }
            place = last.time
            looked += page
        }
        return nil
    }
}
