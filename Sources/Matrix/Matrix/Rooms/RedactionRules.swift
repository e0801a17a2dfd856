/// What a redaction leaves.
public struct RedactionRules: Sendable, Equatable {
    /// At the top: `origin`, `membership` and `prev_state`.
    public var keepsOriginMembershipAndPrevState = true
    /// `aliases` of `m.room.aliases`.
    public var keepsAliases = true
    /// `allow` of `m.room.join_rules`.
    public var keepsJoinRuleAllow = false
    /// `join_authorised_via_users_server` of `m.room.member`.
    public var keepsJoinAuthorisedVia = false
    /// `third_party_invite.signed` of `m.room.member`.
    public var keepsThirdPartySigned = false
    /// Everything in `m.room.create`, instead of `creator` alone.
    public var keepsWholeCreateContent = false
    /// `invite` of `m.room.power_levels`.
    public var keepsInviteLevel = false
    /// `redacts` of `m.room.redaction`.
    public var keepsRedacts = false
}

extension RedactionRules {
    /// What is left of an event of this type.
    func selection(type: String) -> Selection {
        var kept = Self.topLevel.filter { $0 != "content" }
        if keepsOriginMembershipAndPrevState { kept += ["origin", "membership", "prev_state"] }
        return .only([("content", contentSelection(type: type))] + kept.map { ($0, .everything) })
    }

    private static let topLevel = [
        "event_id", "type", "room_id", "sender", "state_key", "content", "hashes", "signatures", "depth", "prev_events",
        "auth_events", "origin_server_ts",
    ]

    private func contentSelection(type: String) -> Selection {
        var kept: [(String, Selection)] = []
        func keep(_ keys: String...) { kept += keys.map { ($0, .everything) } }
        switch type {
        case "m.room.member":
            keep("membership")
            if keepsJoinAuthorisedVia { keep("join_authorised_via_users_server") }
            if keepsThirdPartySigned { kept.append(("third_party_invite", .only([("signed", .everything)]))) }
        case "m.room.create":
            if keepsWholeCreateContent { return .everything }
            keep("creator")
        case "m.room.join_rules":
            keep("join_rule")
            if keepsJoinRuleAllow { keep("allow") }
        case "m.room.power_levels":
            keep("ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default")
            if keepsInviteLevel { keep("invite") }
        case "m.room.aliases": if keepsAliases { keep("aliases") }
        case "m.room.history_visibility": keep("history_visibility")
        case "m.room.redaction": if keepsRedacts { keep("redacts") }
        default: break
        }
        return .only(kept)
    }
}

/// The selections of every version, made once.
struct RedactionTable: Sendable {
    private let byType: [String: Selection]
    private let others: Selection

    /// Those of whose content something may be kept.
    static let types = [
        "m.room.member", "m.room.create", "m.room.join_rules", "m.room.power_levels", "m.room.aliases",
        "m.room.history_visibility", "m.room.redaction",
    ]

    private init(_ rules: RedactionRules) {
        byType = Dictionary(uniqueKeysWithValues: Self.types.map { ($0, rules.selection(type: $0)) })
        others = rules.selection(type: "")
    }

    func selection(type: String) -> Selection { byType[type] ?? others }

    private static let all = RoomVersionRules.table.map { RedactionTable($0.redaction) }

    static func of(_ version: RoomVersion) -> RedactionTable { all[version.ordinal] }
}
