import Matrix
import SQL

/// The aliases that an `m.room.canonical_alias` names.
/// [m.room.canonical_alias](https://spec.matrix.org/v1.19/client-server-api/#mroomcanonical_alias)
struct CanonicalAliases {
    let names: Set<String>

    /// Errors: M_INVALID_PARAM, where something is named that is no alias.
    init(_ content: JSONObject) throws {
        let alternatives = content["alt_aliases"] ?? .array([])
        guard alternatives.isNull || alternatives.array != nil else {
            throw MatrixError.invalidParam("alt_aliases is not a list of room aliases")
        }
        let main = [content["alias"]].compactMap(\.self).filter { !$0.isNull && $0.string != "" }
        names = Set(
            try (main + (alternatives.array ?? [])).map { alias in
                guard let name = alias.string, RoomAlias(name) != nil, !name.utf8.contains(0) else {
                    throw MatrixError.invalidParam("\(alias) is not a room alias")
                }
                return name
            })
    }

    static func refusal(_ name: String) -> MatrixError { .badAlias("The room alias \(name) does not point at this room") }
}

extension CheckedDraft {
    var isCanonicalAlias: Bool { type == "m.room.canonical_alias" && stateKey == "" }
}

extension RoomEdit {
    /// Refuses an `m.room.canonical_alias` with an alias that the room did not have there before, unless it points at this
    /// room.
    /// [PUT state](https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey)
    func checkCanonicalAlias(_ draft: CheckedDraft) throws {
        guard let tx, draft.isCanonicalAlias else { return }
        let before = (try? CanonicalAliases(state("m.room.canonical_alias")?.content ?? [:]).names) ?? []
        let new = try CanonicalAliases(draft.content).names.subtracting(before)
        guard !new.isEmpty else { return }
        let missing = new.subtracting(try AliasTable.pointing(at: room.nid, among: new, tx))
        if let name = missing.min() { throw CanonicalAliases.refusal(name) }
    }
}
