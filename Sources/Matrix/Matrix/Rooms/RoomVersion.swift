/// A version of the rules by which a room is run. Ask its `rules`, never compare numbers.
/// [Room versions](https://spec.matrix.org/v1.19/rooms/)
public enum RoomVersion: String, Sendable, Hashable, Codable, CaseIterable {
    case v1 = "1", v2 = "2", v3 = "3", v4 = "4", v5 = "5", v6 = "6"
    case v7 = "7", v8 = "8", v9 = "9", v10 = "10", v11 = "11", v12 = "12"

    /// What new rooms are made with, when nothing else is asked for.
    public static let `default` = RoomVersion.v12

    public init?(_ string: String) { self.init(rawValue: string) }

    public var string: String { rawValue }
    /// All of the supported versions are stable.
    public var isStable: Bool { true }

    /// What differs between the versions.
    public var rules: RoomVersionRules { RoomVersionRules.table[ordinal] }

    var ordinal: Int {
        switch self {
        case .v1: 0
        case .v2: 1
        case .v3: 2
        case .v4: 3
        case .v5: 4
        case .v6: 5
        case .v7: 6
        case .v8: 7
        case .v9: 8
        case .v10: 9
        case .v11: 10
        case .v12: 11
        }
    }
}

extension RoomVersion: CustomStringConvertible {
    public var description: String { rawValue }
}
