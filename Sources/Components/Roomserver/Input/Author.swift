import Foundation
import Matrix
import RoomRules

/// Writes events in the name of this server's users.
struct Author: Sendable {
    let serverName: String
    let signingKey: SigningKey
    /// Milliseconds since 1970.
    var now: Int64

    func isLocal(_ userID: String) -> Bool { UserID(userID)?.server == serverName }

    /// The event that a draft becomes at the end of the room.
    func event(
        from draft: CheckedDraft, in room: RoomRow, authEvents: [String], referenceHashes: [String: String]
    ) throws -> Event {
        try EventBuilder(
            type: draft.type, stateKey: draft.stateKey, sender: draft.sender, roomID: room.roomID, content: draft.content,
            redacts: draft.redacts, prevEvents: room.latestEvents, authEvents: authEvents,
            depth: min(room.depth + 1, JSON.greatestCanonicalInteger), originServerTS: draft.originServerTS ?? now,
            referenceHashes: referenceHashes
        ).build(version: room.version, signing: signingKey, serverName: serverName)
    }

    /// The event that begins a room. `roomID` is nil where the room takes its ID from this event.
    func createEvent(by creator: String, roomID: String?, content: JSONObject, version: RoomVersion) throws -> Event {
        try EventBuilder(
            type: "m.room.create", stateKey: "", sender: creator, roomID: roomID, content: content, redacts: nil,
            prevEvents: [], authEvents: [], depth: 1, originServerTS: now
        ).build(version: version, signing: signingKey, serverName: serverName)
    }
}

extension RoomserverConfig {
    /// Who writes events now.
    var author: Author {
        Author(serverName: serverName, signingKey: signingKey, now: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
