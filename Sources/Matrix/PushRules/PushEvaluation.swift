import Matrix

/// What push rules ask about the room of an event, at that event.
public struct PushRoom: Sendable, Hashable {
    public var memberCount: Int
    /// The power level of the event's sender; the greatest number for a privileged creator.
    public var senderLevel: Int64
    /// The `notifications` of the room's power levels.
    public var notificationLevels: [String: Int64]

    public init(memberCount: Int, senderLevel: Int64, notificationLevels: [String: Int64] = [:]) {
        self.memberCount = memberCount
        self.senderLevel = senderLevel
        self.notificationLevels = notificationLevels
    }

    func senderMayNotify(_ key: String) -> Bool { senderLevel >= notificationLevels[key] ?? 50 }
}

/// An event, as its readers get it, for push rules to be tried on.
public struct PushEvent: Sendable {
    public let event: JSONObject
    public let room: PushRoom

    public init(_ event: JSONObject, in room: PushRoom) {
        self.event = event
        self.room = room
    }

    var body: String? { event["content"]?.object?["body"]?.string }
    var sender: String? { event["sender"]?.string }
}

extension PushRuleset {
    /// What the first rule that applies does about the event; nil if none applies, or if the event is the user's own.
    public func outcome(for event: PushEvent, user: String, displayName: String?) -> PushOutcome? {
        guard event.sender != user else { return nil }
        for kind in PushRuleKind.allCases {
            for rule in self[kind] where rule.isEnabled && rule.applies(to: event, as: kind, displayName: displayName) {
                return PushOutcome(kind, rule)
            }
        }
        return nil
    }
}

extension PushRuleset {
    /// Whether any rule that is tried asks what the user is called.
    public var asksForDisplayName: Bool {
        PushRuleKind.allCases.contains { kind in
            self[kind].contains { $0.isEnabled && ($0.conditions ?? []).contains { $0.test == .containsDisplayName } }
        }
    }
}

extension PushRule {
    fileprivate func applies(to event: PushEvent, as kind: PushRuleKind, displayName: String?) -> Bool {
        switch kind {
        case .override, .underride: (conditions ?? []).allSatisfy { $0.holds(for: event, displayName: displayName) }
        case .content: pattern.flatMap { pattern in event.body.map { Glob(pattern).matchesWords(of: $0) } } ?? false
        case .room: event.event["room_id"]?.string == ruleID
        case .sender: event.sender == ruleID
        }
    }
}

extension PushCondition {
    /// Whether the condition holds for an event, to a user who has this name in the room.
    public func holds(for event: PushEvent, displayName: String?) -> Bool {
        switch test {
        case .eventMatch(let path, let glob):
            guard let value = path.value(in: event.event)?.string else { return false }
            return path.text == "content.body" ? glob.matchesWords(of: value) : glob.matches(value)
        case .eventPropertyIs(let path, let value):
            return path.value(in: event.event).map { $0.isSimple && $0 == value } ?? false
        case .eventPropertyContains(let path, let value):
            return path.value(in: event.event)?.array?.contains { $0.isSimple && $0 == value } ?? false
        case .containsDisplayName:
            guard let displayName, !displayName.isEmpty, let body = event.body else { return false }
            return Glob(literally: displayName).matchesWords(of: body)
        case .roomMemberCount(let count):
            return count.holds(for: event.room.memberCount)
        case .senderNotificationPermission(let key):
            return event.room.senderMayNotify(key)
        case .never:
            return false
        }
    }
}
