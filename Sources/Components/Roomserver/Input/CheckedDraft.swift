import Contracts
import Matrix
import RoomRules

/// A draft whose content is an object and whose texts a database can hold.
struct CheckedDraft: Sendable {
    let type: String
    let stateKey: String?
    let sender: String
    let content: JSONObject
    let redacts: String?
    let originServerTS: Int64?

    /// How many drafts one request may have.
    static let limit = 2000

    init(
        type: String, stateKey: String?, sender: String, content: JSONObject, redacts: String? = nil,
        originServerTS: Int64? = nil
    ) {
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.redacts = redacts
        self.originServerTS = originServerTS
    }

    init(_ draft: Draft) throws {
        guard let content = draft.content.object else { throw MatrixError.badJSON("The content is not an object") }
        for text in [draft.type, draft.stateKey ?? "", draft.sender] where text.utf8.contains(0) {
            throw MatrixError.badJSON("U+0000 is not allowed in the type or state key of an event")
        }
        if draft.type.isEmpty { throw MatrixError.badJSON("An event has a type") }
        self.init(
            type: draft.type, stateKey: draft.stateKey, sender: draft.sender, content: content, redacts: draft.redacts,
            originServerTS: draft.originServerTS)
    }

    /// Where it will stand in the state, if it is a state event.
    var key: StateKey? { stateKey.map { StateKey(type, $0) } }

    /// What of the room's state is needed to add it.
    func neededState(_ version: RoomVersion) -> [StateKey] {
        authEventKeys(type: type, sender: sender, stateKey: stateKey, content: content, version: version)
            + [StateKey("m.room.create"), StateKey("m.room.history_visibility")] + (key.map { [$0] } ?? [])
    }
}
