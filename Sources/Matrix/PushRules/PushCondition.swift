import Matrix

/// What must hold for an event so that a rule applies to it.
/// [Conditions](https://spec.matrix.org/v1.19/client-server-api/#conditions-1)
public struct PushCondition: Sendable, Hashable {
    /// As the client wrote it.
    public let json: JSONObject
    let test: Test

    enum Test: Sendable, Hashable {
        case eventMatch(PropertyPath, Glob)
        case eventPropertyIs(PropertyPath, JSON)
        case eventPropertyContains(PropertyPath, JSON)
        case containsDisplayName
        case roomMemberCount(MemberCount)
        case senderNotificationPermission(String)
        /// Not known, or not well-formed: never holds.
        case never
    }

    public init(_ json: JSONObject) {
        self.json = json
        test = Self.test(json) ?? .never
    }

    private static func test(_ json: JSONObject) -> Test? {
        let path = json["key"]?.string.map(PropertyPath.init)
        switch json["kind"]?.string {
        case "event_match":
            guard let path, let pattern = json["pattern"]?.string else { return nil }
            return .eventMatch(path, Glob(pattern))
        case "event_property_is":
            guard let path, let value = json["value"], value.isSimple else { return nil }
            return .eventPropertyIs(path, value)
        case "event_property_contains":
            guard let path, let value = json["value"], value.isSimple else { return nil }
            return .eventPropertyContains(path, value)
        case "contains_display_name":
            return .containsDisplayName
        case "room_member_count":
            return json["is"]?.string.flatMap(MemberCount.init).map(Test.roomMemberCount)
        case "sender_notification_permission":
            return json["key"]?.string.map(Test.senderNotificationPermission)
        default:
            return nil
        }
    }
}

extension PushCondition: Codable {
    public init(from decoder: any Decoder) throws { self.init(try JSONObject(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension JSON {
    /// Whether this is a value that conditions compare: a string, an integer, a boolean or null.
    var isSimple: Bool {
        switch self {
        case .null, .bool, .integer, .string: true
        case .double, .array, .object: false
        }
    }
}
