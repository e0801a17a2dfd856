import Matrix
import RoomRules
import Topics

/// An event as the projection keeps it: the PDU, and what `unsigned` is made of.
struct StoredEvent: Sendable {
    var position: Int64
    var roomID: String
    var eventID: String
    var type: String
    var stateKey: String?
    var sender: String
    var membership: String?
    var containsURL: Bool
    var isCurrentState: Bool
    var roomVersion: String
    var pdu: [UInt8]
    var prevContent: [UInt8]?
    var replacesID: String?
    var redactedBecause: [UInt8]?
    var transaction: OutputEvent.Transaction?
    var historyVisibility: String

    init(
        _ row: (
            Int64, String, String, String, String?, String, String?, Bool, Bool, String, [UInt8], [UInt8]?, String?, [UInt8]?,
            String?, String?, String?, String
        )
    ) {
        (position, roomID, eventID, type, stateKey, sender) = (row.0, row.1, row.2, row.3, row.4, row.5)
        (membership, containsURL, isCurrentState, roomVersion, pdu) = (row.6, row.7, row.8, row.9, row.10)
        (prevContent, replacesID, redactedBecause, historyVisibility) = (row.11, row.12, row.13, row.17)
        if let user = row.14, let device = row.15, let id = row.16 {
            transaction = OutputEvent.Transaction(userID: user, deviceID: device, transactionID: id)
        }
    }

    init(_ told: OutputEvent.NewEvent, _ event: Event, position: Int64) {
        self.position = position
        roomID = told.roomID
        eventID = told.eventID
        type = event.type
        stateKey = event.stateKey
        sender = event.sender
        membership = event.membership
        containsURL = event.content["url"]?.string != nil
        isCurrentState = told.isCurrentState
        roomVersion = told.roomVersion
        pdu = event.bytes
        prevContent = told.replaces?.object?["content"]?.serialized()
        replacesID = told.replacesID
        transaction = told.transaction
        historyVisibility = told.historyVisibility
    }

    /// Its place in the room's state.
    var slot: StateKey? { stateKey.map { StateKey(type, $0) } }
}
