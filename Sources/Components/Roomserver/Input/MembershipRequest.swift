import Contracts
import Matrix
import RoomRules
import Web

/// ``ChangeMembership``, checked as far as can be without the room.
struct MembershipRequest: Sendable {
    let action: ChangeMembership.Action
    let sender: String
    let target: String
    let content: JSONObject
    let isGuest: Bool
    let thirdPartySigned: JSONObject?
    let requestID = RequestID.current

    init(_ call: ChangeMembership) throws {
        guard let content = call.content.object else { throw MatrixError.badJSON("The content is not an object") }
        guard UserID(call.target) != nil, !call.target.utf8.contains(0) else {
            throw MatrixError.invalidParam("\(call.target) is not a user ID")
        }
        action = call.action
        sender = call.sender
        target = call.target
        isGuest = call.isGuest ?? false
        thirdPartySigned = action == .join || action == .invite ? call.thirdPartySigned?.object : nil
        var said = GuestMark.put(isGuest && action == .join, into: content)
        for field in Self.ours { said[field] = nil }
        self.content = said
    }

    /// What the server says in a member event, and nobody else.
    private static let ours = ["membership", "join_authorised_via_users_server"]

    /// An invite that an identity server vouches for, which is not the sender's own.
    var isVouchedInvite: Bool { action == .invite && thirdPartySigned != nil }

    private var membership: String {
        switch action {
        case .join: "join"
        case .invite: "invite"
        case .leave, .kick, .unban: "leave"
        case .ban: "ban"
        case .knock: "knock"
        }
    }

    var neededState: [StateKey] {
        [
            StateKey("m.room.create"), StateKey("m.room.power_levels"), StateKey("m.room.join_rules"),
            StateKey("m.room.history_visibility"), StateKey("m.room.member", sender), StateKey("m.room.member", target),
        ] + (isGuest ? [StateKey("m.room.guest_access")] : [])
    }

    /// The event that does what is asked, or nil where it is so already.
    func draft(in edit: RoomEdit) throws -> CheckedDraft? {
        let current = try edit.state("m.room.member", target)
        var content = content
        content["membership"] = .string(membership)
        if let current, says(current, content) { return nil }
        try checkAction(on: current?.membership)
        if action == .leave, current?.membership == "leave" { return nil }
        if action == .leave, current?.membership == "invite", try edit.isNoticeRoom(of: target) {
            throw MatrixError.cannotLeaveServerNoticeRoom("What the server has to say cannot be refused")
        }
        return try edit.admitted(
            CheckedDraft(type: "m.room.member", stateKey: target, sender: sender, content: content), isGuest: isGuest)
    }

    /// Whether an event says all that is asked for.
    private func says(_ event: Event, _ content: JSONObject) -> Bool {
        guard event.sender == sender, action != .unban, action != .kick else { return false }
        var said = event.content
        said["join_authorised_via_users_server"] = nil
        return said == content
    }

    /// What the authorization rules do not tell apart: a kick, an unban and a leave are one event.
    private func checkAction(on current: String?) throws {
        switch action {
        case .kick where current != "join" && current != "invite" && current != "knock":
            throw MatrixError.forbidden("\(target) is not in the room")
        case .unban where current != "ban":
            throw MatrixError(status: 403, errcode: "M_BAD_STATE", error: "\(target) is not banned from the room")
        case .join, .leave, .knock:
            if sender != target { throw MatrixError.forbidden("That is for \(target) to do") }
        case .invite, .ban, .kick, .unban: break
        }
    }
}
