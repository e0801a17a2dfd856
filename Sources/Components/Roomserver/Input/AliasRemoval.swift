import Contracts
import Delivery
import Matrix
import RoomRules
import SQL
import Web

/// Takes an alias from its room and, where the user may, from the room's `m.room.canonical_alias`, in one transaction.
struct AliasRemoval: Sendable {
    let call: RemoveRoomAlias
    let author: Author
    let writer: RoomWriter
    let requestID = RequestID.current

    /// What it changed of the room, if anything.
    func perform(_ tx: Transaction) throws -> (changes: [RoomChange], told: [OutboxEntry]) {
        let missing = MatrixError.notFound("The room alias \(call.alias) does not exist")
        guard let found = try AliasTable.find(call.alias, tx), let room = try RoomTable.lock(found.roomID, tx) else {
            throw missing
        }
        var edit = RoomEdit(room, StateView(of: room, known: [:], tx), author: author, requestID: requestID, tx)
        guard try call.isAdmin || found.creator == call.userID || edit.maySetCanonicalAlias(call.userID) else {
            throw MatrixError.forbidden("\(call.userID) may not remove this room alias")
        }
        guard try AliasTable.delete(call.alias, room: room.nid, tx) else { throw missing }
        guard author.isLocal(call.userID), let draft = try canonicalAliasWithout(edit) else { return ([], []) }
        do {
            _ = try edit.add(draft)
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            return ([], [])
        }
        var changes = [try edit.change]
        let told = try writer.write(&changes, numbers: EventTable.takeNumbers(1, tx), tx)
        return (changes, told)
    }

    /// The room's canonical alias without the one that goes, if it named that.
    private func canonicalAliasWithout(_ edit: RoomEdit) throws -> CheckedDraft? {
        guard var content = try edit.state("m.room.canonical_alias")?.content else { return nil }
        let before = content
        if content["alias"]?.string == call.alias { content["alias"] = nil }
        if let others = content["alt_aliases"]?.array {
            let kept = others.filter { $0.string != call.alias }
            content["alt_aliases"] = nil
            if !kept.isEmpty { content["alt_aliases"] = .array(kept) }
        }
        guard content != before else { return nil }
        return CheckedDraft(type: "m.room.canonical_alias", stateKey: "", sender: call.userID, content: content)
    }
}

extension RoomEdit {
    /// Whether a user is in the room and has the power to set its canonical alias: those who may also say how the room
    /// is found.
    func maySetCanonicalAlias(_ userID: String) throws -> Bool {
        let levels = try powerLevels
        return try state("m.room.member", userID)?.membership == "join"
            && levels.level(of: userID) >= levels.required(for: "m.room.canonical_alias", isState: true)
    }
}
