import Matrix

/// Who made a room, as its version understands it.
public struct Creators: Sendable, Hashable {
    public let users: [String]
    /// Whether they stand above every power level (room version 12).
    public let arePrivileged: Bool

    /// No create event is known: nobody made it.
    public init() {
        users = []
        arePrivileged = false
    }

    public init(of create: Event) {
        arePrivileged = create.version.rules.creatorsHaveInfinitePower
        if arePrivileged {
            users = [create.sender] + (create.content["additional_creators"]?.array ?? []).compactMap(\.string)
        } else if create.version.rules.createNamesCreator {
            users = (create.content["creator"]?.string).map { [$0] } ?? []
        } else {
            users = [create.sender]
        }
    }

    public func contains(_ user: String) -> Bool { users.contains { $0.hasSameBytes(as: user) } }
}
