/// The kinds of push rule, in the order in which they are tried.
public enum PushRuleKind: String, Sendable, Hashable, CaseIterable, Codable {
    case override, content, room, sender, underride
}
