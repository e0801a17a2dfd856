import Matrix
import RoomRules

extension RoomEdit {
    /// The room that this one says that it replaces, where that room says so too.
    func replacedRoom() throws -> String? {
        guard let tx, let old = try state("m.room.create")?.content["predecessor"]?["room_id"]?.string, !old.utf8.contains(0),
            let replaced = try RoomTable.find(old, tx),
            let tombstone = try CurrentStateTable.find([StateKey("m.room.tombstone")], in: replaced, tx).first,
            tombstone.event.content["replacement_room"]?.string == room.roomID
        else { return nil }
        return old
    }

    /// Refuses an `m.room.tombstone` that says that the room is replaced by itself.
    func checkTombstone(_ draft: CheckedDraft) throws {
        guard draft.type == "m.room.tombstone", draft.content["replacement_room"]?.string == room.roomID else { return }
        throw MatrixError.invalidParam("A room cannot be replaced by itself")
    }
}
