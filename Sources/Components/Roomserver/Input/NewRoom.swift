import Contracts
import Matrix
import RoomRules
import Web

/// A room that is about to be made: its version, its first event and everything that follows, all without the database.
struct NewRoom {
    let change: RoomChange

    init(_ call: CreateRoom, version: RoomVersion, author: Author) throws {
        guard let content = call.creationContent.object else {
            throw MatrixError.badJSON("creation_content is not an object")
        }
        guard call.drafts.count <= CheckedDraft.limit else { throw MatrixError.tooLarge("Too much initial state") }
        let drafts = try call.drafts.map(CheckedDraft.init)
        for draft in drafts where draft.isCanonicalAlias {
            // A room that is about to be made has the one alias that it is made with.
            let other = try CanonicalAliases(draft.content).names.filter { $0 != call.alias }.min()
            if let other { throw CanonicalAliases.refusal(other) }
        }
        try self.init(by: call.creator, content: content, drafts: drafts, version: version, author: author)
    }

    /// `roomID` counts where the room's ID is free to choose; nil: a random one.
    init(
        by creator: String, content given: JSONObject, drafts: [CheckedDraft], version: RoomVersion, author: Author,
        roomID: String? = nil
    ) throws {
        var content = given
        content["room_version"] = .string(version.rawValue)
        content["creator"] = nil
        if version.rules.createNamesCreator { content["creator"] = .string(creator) }
        let create = try author.createEvent(
            by: creator, roomID: version.rules.roomIDIsCreateHash ? nil : roomID ?? Self.randomID(author.serverName),
            content: content, version: version)

        let room = RoomRow(roomID: create.roomID, version: version)
        var edit = RoomEdit(room, StateView(ofNew: room), author: author, requestID: RequestID.current, nil)
        do {
            try edit.begin(with: create)
        } catch let error as MatrixError {
            throw MatrixError.badJSON(error.error)
        }
        for draft in drafts { try Self.add(draft, to: &edit) }
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

    static func randomID(_ serverName: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let opaque = String((0..<18).map { _ in letters[Int.random(in: letters.indices)] })
        return "!\(opaque):\(serverName)"
    }
}
