import Matrix

/// Who may see what happens in a room, from the narrowest to the widest.
/// [m.room.history_visibility](https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility)
enum HistoryVisibility: String, Sendable, Comparable, CaseIterable {
    case joined, invited, shared
    case worldReadable = "world_readable"

    /// What a room's `m.room.history_visibility` says; where it says nothing, or nothing that is known, `shared`.
    init(_ event: Event?) {
        self = (event?.content["history_visibility"]?.string).flatMap(HistoryVisibility.init(rawValue:)) ?? .shared
    }

    private var width: Int {
        switch self {
        case .joined: 0
        case .invited: 1
        case .shared: 2
        case .worldReadable: 3
        }
    }

    static func < (left: Self, right: Self) -> Bool { left.width < right.width }
}
