import Contracts
import Matrix
import RoomRules

extension Roomserver {
    public func call(_ call: SendServerNotice) async throws -> SendServerNotice.Reply {
        try requireLocal([call.sender.userID, call.userID])
        let roomID = try await noticeRoom(call)
        let draft = Draft(type: call.type, stateKey: call.stateKey, sender: call.sender.userID, content: call.content)
        let transaction = TransactionKey(
            userID: call.sender.userID, deviceID: "", endpoint: "server_notice", transactionID: call.key)
        let sent = try await self.call(SendEvents(roomID: roomID, drafts: [draft], transaction: transaction))
        guard let eventID = sent.eventIDs.first else { throw MatrixError.unknown() }
        return SendServerNotice.Reply(eventID: eventID, roomID: roomID)
    }

    /// The room in which the user is, or is invited, to hear from the server.
    private func noticeRoom(_ call: SendServerNotice) async throws -> String {
        let known = try await storage.read { tx -> (roomID: String, membership: String?)? in
            guard let roomID = try NoticeTable.room(of: call.userID, tx) else { return nil }
            let room = try RoomTable.find(roomID, tx)
            return (roomID, try room.flatMap { try MembershipTable.find(call.userID, room: $0.nid, tx) }?.membership)
        }
        guard let known else { return try await newNoticeRoom(call, after: nil) }
        if known.membership == "join" || known.membership == "invite" { return known.roomID }
        do {
            _ = try await self.call(
                ChangeMembership(
                    roomID: known.roomID, action: .invite, sender: call.sender.userID, target: call.userID,
                    content: RawJSON(JSONObject())))
            return known.roomID
        } catch let error as MatrixError where error.status == 403 || error.status == 404 {
            return try await newNoticeRoom(call, after: known.roomID)
        }
    }

    /// Two at once make one room.
    private func newNoticeRoom(_ call: SendServerNotice, after unusable: String?) async throws -> String {
        let made = try await self.call(
            CreateRoom(
                key: "notices to \(call.userID) after \(unusable ?? "none")", creator: call.sender.userID, roomVersion: nil,
                creationContent: RawJSON(["m.federate": false] as JSONObject), drafts: noticeRoomDrafts(call), alias: nil, published: false))
        try await storage.write { try NoticeTable.set(made.roomID, of: call.userID, $0) }
        return made.roomID
    }

    private func noticeRoomDrafts(_ call: SendServerNotice) -> [Draft] {
        func draft(_ type: String, _ stateKey: String, _ content: JSONObject) -> Draft {
            Draft(type: type, stateKey: stateKey, sender: call.sender.userID, content: RawJSON(content))
        }
        var member: JSONObject = ["membership": "join"]
        member["displayname"] = call.sender.displayName.map { .string($0) }
        member["avatar_url"] = call.sender.avatarURL.map { .string($0) }
        var levels = PowerLevels.initialContent(creator: call.sender.userID, version: config.defaultRoomVersion)
        // The user listens, and says nothing.
        levels["users_default"] = -10
        var drafts = [
            draft("m.room.member", call.sender.userID, member), draft("m.room.power_levels", "", levels),
            draft("m.room.join_rules", "", ["join_rule": "invite"]),
            draft("m.room.history_visibility", "", ["history_visibility": "shared"]),
            draft("m.room.name", "", ["name": .string(call.sender.roomName)]),
        ]
        if let avatar = call.sender.avatarURL { drafts.append(draft("m.room.avatar", "", ["url": .string(avatar)])) }
        return drafts + [draft("m.room.member", call.userID, ["membership": "invite"])]
    }
}
