import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_ call: SetRoomTag) async throws -> Done {
        try check(call.tag, "tag", atMost: 255)
        try check(call.roomID, "room_id", atMost: 255)
        let content = try call.content.map { content in
            guard let object = content.object else { throw MatrixError.badJSON("A tag must be a JSON object") }
            return JSON.object(object)
        }
        try await change("m.tag", of: call.userID, roomID: call.roomID) { before in
            var whole = before?.object ?? [:]
            var tags = whole["tags"]?.object ?? [:]
            guard tags[call.tag] != content else { return nil }
            tags[call.tag] = content
            whole["tags"] = .object(tags)
            return RawJSON(whole)
        }
        return Done()
    }
}
