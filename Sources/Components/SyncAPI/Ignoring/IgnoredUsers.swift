import Matrix
import SQL

/// Whom a user does not want to hear: what they say is not shown, what they change of a room's state is.
/// [Ignoring users](https://spec.matrix.org/v1.19/client-server-api/#ignoring-users)
struct IgnoredUsers: Sendable, Equatable {
    let userIDs: Set<String>

    static let accountDataType = "m.ignored_user_list"
    static let nobody = IgnoredUsers(userIDs: [])

    init(userIDs: Set<String>) { self.userIDs = userIDs }

    /// As account data has them; nobody can ignore themselves.
    init(_ content: [UInt8]?, of userID: String) {
        let ignored = content.flatMap { try? JSON(parsing: $0) }?["ignored_users"]?.object
        userIDs = Set((ignored?.keys.map { String($0) } ?? []).filter { $0 != userID })
    }

    /// Whom a user ignores, with the next statement that is waited for.
    static func ahead(of userID: String, in tx: Transaction) throws -> () throws -> IgnoredUsers {
        let content = try AccountDataTable.contentAhead(accountDataType, of: userID, in: tx)
        return { IgnoredUsers(try content(), of: userID) }
    }

    func allows(_ event: StoredEvent) -> Bool {
        userIDs.isEmpty || event.stateKey != nil || !userIDs.contains(event.sender)
    }

    /// Whether an invite of the user is shown, by what goes with it.
    func allowsInvite(_ stripped: [RawJSON], of userID: String) -> Bool {
        if userIDs.isEmpty { return true }
        return !stripped.contains { raw in
            guard let event = raw.object, event["type"]?.string == "m.room.member", event["state_key"]?.string == userID else {
                return false
            }
            return event["sender"]?.string.map(userIDs.contains) ?? false
        }
    }
}
