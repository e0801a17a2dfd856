import Matrix
import RoomRules
import SQL

extension StoredEvent {
    /// The event as it is shown to who was not in the room then: redacted, if an erased user sent it. State that the room has to
    /// this day stays, but for what members are called.
    /// [Deactivating an account](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate)
    func withoutErased(in room: RoomRow, _ tx: Transaction) throws -> StoredEvent {
        guard try ErasedTable.contains(event.sender, tx) else { return self }
        if let stateKey = event.stateKey, event.type != "m.room.member",
            try CurrentStateTable.find([StateKey(event.type, stateKey)], in: room, tx).first?.event.eventID == event.eventID
        {
            return self
        }
        return StoredEvent(
            nid: nid, event: try event.redacted(), stateBefore: stateBefore, replaces: nil, redactedBy: redactedBy)
    }
}
