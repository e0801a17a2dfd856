import Contracts
import Matrix
import RoomRules
import Web

/// A room that is about to be made: its version, its first event and everything that follows, all without the database.
struct NewRoom {
    let change: RoomChange

    init(_ call: CreateRoom, version: RoomVersion, author: Author) throws {
        guard let given = call.creationContent.object else {
            throw MatrixError.badJSON("creation_content is not an object")
        }
        guard call.drafts.count <= CheckedDraft.limit else { throw MatrixError.tooLarge("Too much initial state") }
        var content = given
        content["room_version"] = .string(version.rawValue)
        content["creator"] = nil
        if version.rules.createNamesCreator { content["creator"] = .string(call.creator) }
        let create = try author.createEvent(
            by: call.creator, roomID: version.rules.roomIDIsCreateHash ? nil : Self.randomID(author.serverName),
            content: content, version: version)

        let room = RoomRow(roomID: create.roomID, version: version)
        var edit = RoomEdit(room, StateView(ofNew: room), author: author, requestID: RequestID.current, nil)
        do {
            try edit.begin(with: create)
        } catch let error as MatrixError {
            throw MatrixError.badJSON(error.error)
        }
        for draft in call.drafts { try Self.add(CheckedDraft(draft), to: &edit) }
        change = try edit.change
    }

    /// A refusal of the initial state is told apart from that of somebody's membership.
    private static func add(_ draft: CheckedDraft, to edit: inout RoomEdit) throws {
        do {
            _ = try edit.add(draft)
        } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" && draft.type != "m.room.member" {
            throw MatrixError.invalidRoomState(error.error)
        }
    }

    private static func randomID(_ serverName: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let opaque = String((0..<18).map { _ in letters[Int.random(in: letters.indices)] })
        return "!\(opaque):\(serverName)"
    }
}
