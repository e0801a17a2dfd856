import Matrix

/// The presence of a user, as others are told it.
struct PresenceRow: Sendable {
    var userID: String
    /// Nil: nothing was ever heard of the user.
    var presence: Presence?
    /// When it last changed for others.
    var position: Int64

    /// `m.presence`.
    /// [Presence](https://spec.matrix.org/v1.19/client-server-api/#mpresence)
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - includesUserID: as the event streams before `/sync` have it.
    func event(now: Int64, includesUserID: Bool = false) -> RawJSON {
        var content: JSONObject = ["presence": .string((presence?.state ?? .offline).rawValue)]
        if includesUserID { content["user_id"] = .string(userID) }
        if let presence {
            content["last_active_ago"] = .integer(max(0, now - presence.lastActive))
            if let message = presence.statusMessage { content["status_msg"] = .string(message) }
            if presence.state == .online { content["currently_active"] = .bool(presence.isActive) }
        }
        return RawJSON(JSON.object(["type": "m.presence", "sender": .string(userID), "content": .object(content)]))
    }
}
