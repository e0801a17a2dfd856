import Matrix

/// The authorization rules for `m.room.power_levels`: nobody gives more than they have, or takes from their equals.
func checkPowerLevels(_ event: Event, current: PowerLevels) throws {
    try checkNotation(of: event, creators: current.creators)
    guard let old = current.content else { return }

    let change = LevelChange(
        old: old, new: event.content, notation: LevelNotation(event.version), sender: event.sender,
        level: current.level(of: event.sender)
    )
    for property in levelProperties { try change.check(property) }
    try change.checkEntries(of: "events")
    if event.version.rules.guardsNotificationLevels { try change.checkEntries(of: "notifications") }
    try change.checkEntries(of: "users")
}

private let levelProperties = ["users_default", "events_default", "state_default", "ban", "redact", "kick", "invite"]

/// That every level is written as the room version has it, and belongs to a user who may have one.
private func checkNotation(of event: Event, creators: Creators) throws {
    let notation = LevelNotation(event.version)
    let content = event.content
    if notation.integersOnly {
        for property in levelProperties {
            if let value = content[property] { try require(notation.level(value) != nil, "\(property) is not an integer") }
        }
        for property in ["events", "notifications"] {
            if let value = content[property] {
                try require(
                    value.object?.allSatisfy { notation.level($0.value) != nil } ?? false, "\(property) holds more than integers"
                )
            }
        }
    }
    guard let users = content["users"] else { return }
    try require(
        users.object?.allSatisfy { UserID($0.key) != nil && notation.level($0.value) != nil } ?? false,
        "users holds more than levels of users"
    )
    if creators.arePrivileged {
        try require(users.object?.allSatisfy { !creators.contains($0.key) } ?? true, "The level of a creator cannot be set")
    }
}

/// The difference between two contents of `m.room.power_levels`, seen by the sender who makes it.
private struct LevelChange {
    let old: JSONObject
    let new: JSONObject
    let notation: LevelNotation
    let sender: String
    let level: PowerLevel

    func check(_ property: String) throws {
        try check(property, old: old[property], new: new[property])
    }

    func checkEntries(of property: String) throws {
        let before = old[property]?.object ?? [:]
        let after = new[property]?.object ?? [:]
        for (key, value) in before {
            try check("\(property).\(key)", old: value, new: after[key])
            if property == "users", !key.hasSameBytes(as: sender), let value = changed(value, after[key]) {
                try require(.value(value) < level, "The power level of \(key) is not below that of \(sender)")
            }
        }
        for (key, value) in after where !before.contains(key) {
            try check("\(property).\(key)", old: nil, new: value)
        }
    }

    private func check(_ name: String, old: JSON?, new: JSON?) throws {
        let (old, new) = (old.flatMap(notation.level), new.flatMap(notation.level))
        guard old != new else { return }
        if let old { try require(.value(old) <= level, "\(name) is \(old), above the power level of \(sender)") }
        if let new { try require(.value(new) <= level, "\(name) would be \(new), above the power level of \(sender)") }
    }

    /// The old value, if there was one and it is no longer the same.
    private func changed(_ old: JSON, _ new: JSON?) -> Int64? {
        guard let old = notation.level(old), old != new.flatMap(notation.level) else { return nil }
        return old
    }
}
