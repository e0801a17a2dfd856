import Matrix
import SQL

extension RoomEdit {
    /// Refuses an `m.room.canonical_alias` with an alias that the room did not have there before, unless it is one, and
    /// points at this room.
    /// [PUT state](https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey)
    func checkCanonicalAlias(_ draft: CheckedDraft) throws {
        guard let tx, draft.type == "m.room.canonical_alias", draft.stateKey == "" else { return }
        let before = Set(aliases(in: try state("m.room.canonical_alias")?.content ?? [:]).compactMap(\.string))
        for alias in aliases(in: draft.content) {
            guard let name = alias.string, RoomAlias(name) != nil, !name.utf8.contains(0) else {
                throw MatrixError.invalidParam("\(alias) is not a room alias")
            }
            if before.contains(name) { continue }
            guard try AliasTable.find(name, tx)?.roomID == room.roomID else {
                throw MatrixError.badAlias("The room alias \(name) does not point at this room")
            }
        }
    }

    private func aliases(in content: JSONObject) -> [JSON] {
        let main = [content["alias"]].compactMap(\.self).filter { !$0.isNull && $0.string != "" }
        return main + (content["alt_aliases"]?.array ?? []).prefix(100)
    }
}
