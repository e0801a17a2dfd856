import Matrix

/// Whether `redaction`, an event that was accepted, takes the content of `target` away, given the levels at the redaction.
/// In room versions 1 and 2 the authorization rules have decided it before.
/// [Handling redactions](https://spec.matrix.org/v1.19/rooms/v3/#handling-redactions)
public func redactionApplies(_ redaction: Event, to target: Event, powerLevels: PowerLevels) -> Bool {
    guard redaction.type == "m.room.redaction", redaction.roomID == target.roomID, redaction.redacts == target.eventID else {
        return false
    }
    return redaction.version.rules.authorizesRedactions
        || powerLevels.level(of: redaction.sender) >= powerLevels.redact
        || haveSameDomain(redaction.sender, target.sender)
}
