import Delivery
import Matrix
import Topics

/// What the other components are told of events, in the order in which they were added.
enum OutputMessages {
    /// Larger messages go without the event that is replaced: who needs it asks.
    static let limit = 200 << 10

    static func of(_ added: [AddedEvent], in room: RoomRow) throws -> [OutboxMessage] {
        try added.map {
            OutboxMessage(
                topic: Topic.outputRoomEvent.name, bytes: try JSONCoder.encode(message(for: $0, in: room)), requestID: $0.requestID)
        }
    }

    /// That a user forgets the room.
    static func forgotten(by userID: String, _ room: RoomRow, requestID: String?) throws -> OutboxMessage {
        let output = OutputEvent.forgotten(.init(roomID: room.roomID, userID: userID))
        return OutboxMessage(topic: Topic.outputRoomEvent.name, bytes: try JSONCoder.encode(output), requestID: requestID)
    }

    private static func message(for added: AddedEvent, in room: RoomRow) -> OutputEvent {
        let size = added.event.bytes.count + (added.strippedState ?? []).reduce(0) { $0 + $1.bytes.count }
        let replaces = added.replaces.flatMap { size + $0.bytes.count <= limit ? $0 : nil }
        return .newEvent(
            OutputEvent.NewEvent(
                event: added.event.json, eventID: added.event.eventID, roomID: room.roomID,
                roomVersion: room.version.rawValue, isCurrentState: added.event.isState, replaces: replaces?.json,
                replacesID: added.replaces?.eventID, redacts: added.redacts, transaction: added.transaction,
                historyVisibility: added.historyVisibility, strippedState: added.strippedState))
    }
}

extension Event {
    /// The event's own bytes.
    var json: RawJSON { RawJSON(trusted: bytes) }
}
