import Contracts
import Delivery
import Matrix
import RoomRules
import SQL
import Web

/// Makes the room that replaces another, and closes that one, in one transaction.
/// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
struct RoomUpgrade: Sendable {
    let call: UpgradeRoom
    let version: RoomVersion
    let author: Author
    let writer: RoomWriter
    let requestID = RequestID.current

    func perform(
        _ tx: Transaction
    ) throws -> (reply: UpgradeRoom.Reply, changes: [RoomChange], told: [OutboxEntry]) {
        guard let room = try RoomTable.lock(call.roomID, tx) else { throw MatrixError.notFound("No such room") }
        if let earlier = try CreationTable.find(call.key, tx) { return (.init(replacementRoom: earlier.roomID), [], []) }
        var old = RoomEdit(room, StateView(of: room, known: [:], tx), author: author, requestID: requestID, tx)
        try requirePower(in: old)
        let carried = try UpgradedState(of: old, for: call.userID, version: version, creators: creators, tx)

        // Where the new room's ID is the hash of its first event, that cannot name the tombstone that names the room.
        let roomID = version.rules.roomIDIsCreateHash ? nil : NewRoom.randomID(author.serverName)
        var lastKnown = old.room.latestEvents.first
        if let roomID { lastKnown = try old.add(tombstone(naming: roomID)) }
        var new = try replacement(roomID, carried, lastKnown).change
        if roomID == nil { _ = try old.add(tombstone(naming: new.room.roomID)) }
        try close(&old)

        new.room.nid = try RoomTable.takeNumberAhead(tx)()
        var changes = [new, try old.change]
        let numbers = try EventTable.takeNumbers(changes.reduce(0) { $0 + $1.added.count }, tx)
        let told = try writer.write(&changes, numbers: numbers, tx)
        let reply = CreateRoom.Reply(roomID: new.room.roomID, seq: Int64(new.added.count))
        _ = try CreationTable.claim(call.key, for: reply, now: author.now, tx)
        try AliasTable.move(from: room.nid, to: new.room.nid, tx)
        if try SummaryTable.isPublished(room: room.nid, tx) {
            try SummaryTable.publish(false, room: room.nid, tx)
            try SummaryTable.publish(true, room: new.room.nid, tx)
        }
        return (.init(replacementRoom: new.room.roomID), changes, told)
    }

    /// Who will stand above the new room's power levels.
    private var creators: [String] {
        [call.userID] + (version.rules.creatorsHaveInfinitePower ? call.additionalCreators : [])
    }

    private func requirePower(in old: RoomEdit) throws {
        let levels = try old.powerLevels
        guard try old.state("m.room.member", call.userID)?.membership == "join",
            levels.level(of: call.userID) >= levels.required(for: "m.room.tombstone", isState: true)
        else { throw MatrixError.forbidden("\(call.userID) may not upgrade this room") }
    }

    private func tombstone(naming roomID: String) -> CheckedDraft {
        draft("m.room.tombstone", ["body": "This room has been replaced", "replacement_room": .string(roomID)])
    }

    private func replacement(_ roomID: String?, _ carried: UpgradedState, _ lastKnown: String?) throws -> NewRoom {
        var predecessor: JSONObject = ["room_id": .string(call.roomID)]
        predecessor["event_id"] = lastKnown.map { .string($0) }
        var content = carried.creationContent
        content["predecessor"] = .object(predecessor)
        if version.rules.creatorsHaveInfinitePower, !call.additionalCreators.isEmpty {
            content["additional_creators"] = .array(call.additionalCreators.map { .string($0) })
        }
        return try NewRoom(
            by: call.userID, content: content, drafts: carried.drafts, version: version, author: author, roomID: roomID)
    }

    /// What makes the old room quiet, as far as the user may.
    private func close(_ old: inout RoomEdit) throws {
        if try old.state("m.room.canonical_alias")?.content.isEmpty == false {
            try attempt(draft("m.room.canonical_alias", [:]), in: &old)
        }
        if let levels = try old.powerLevels.closed { try attempt(draft("m.room.power_levels", levels), in: &old) }
    }

    private func attempt(_ draft: CheckedDraft, in edit: inout RoomEdit) throws {
        var attempt = edit
        do {
            _ = try attempt.add(draft)
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
            return
        }
        edit = attempt
    }

    private func draft(_ type: String, _ content: JSONObject) -> CheckedDraft {
        CheckedDraft(type: type, stateKey: "", sender: call.userID, content: content)
    }
}
