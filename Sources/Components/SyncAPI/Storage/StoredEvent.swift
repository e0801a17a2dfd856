import Matrix
import RoomRules
import SQL
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
    var originServerTS: Int64

    /// In the order of the columns.
    init(_ row: inout ColumnReader) throws {
        position = try row.integer()
        roomID = try row.text()
        eventID = try row.text()
        type = try row.text()
        stateKey = try row.textIfAny()
        sender = try row.text()
        membership = try row.textIfAny()
        containsURL = try row.boolean()
        isCurrentState = try row.boolean()
        roomVersion = try row.text()
        pdu = try row.bytes()
        prevContent = try row.bytesIfAny()
        replacesID = try row.textIfAny()
        redactedBecause = try row.bytesIfAny()
        let (user, device, id) = (try row.textIfAny(), try row.textIfAny(), try row.textIfAny())
        if let user, let device, let id {
            transaction = OutputEvent.Transaction(userID: user, deviceID: device, transactionID: id)
        }
        historyVisibility = try row.text()
        originServerTS = try row.integer()
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
        originServerTS = event.originServerTS
    }

    /// Its place in the room's state.
    var slot: StateKey? { stateKey.map { StateKey(type, $0) } }
}
