/// What differs from one room version to the next.
public struct RoomVersionRules: Sendable, Equatable {
    /// Where an event's ID comes from.
    public enum EventIDs: Sendable {
        /// Its server chose it; the event says it, and points to others by pairs of ID and hashes.
        case assigned
        /// It is the reference hash, in standard base64.
        case hash
        /// It is the reference hash, in URL-safe base64.
        case urlSafeHash
    }

    public enum StateResolution: Sendable { case v1, v2, v2_1 }

    /// How a power level may be written.
    public enum PowerLevelFormat: Sendable {
        /// Integers, doubles (cut off), and both of these as strings.
        case integersDoublesAndStrings
        /// Integers, and integers as strings.
        case integersAndStrings
        case integers
    }

    public var eventIDs = EventIDs.assigned
    public var stateResolution = StateResolution.v1

    // What counts as JSON and as signed.
    /// Events that are not canonical JSON are refused.
    public var requiresCanonicalJSON = false
    /// A key signs only until its `valid_until_ts`.
    public var enforcesKeyValidity = false

    // Redaction.
    public var redaction = RedactionRules()

    // Authorization.
    /// `m.room.redaction` needs the redact level, or the sender's server to be that of the redacted event.
    public var authorizesRedactions = true
    /// `m.room.aliases` has a rule of its own.
    public var aliasesAreSpecial = true
    /// Levels of notifications are guarded like those of events.
    public var guardsNotificationLevels = false
    public var allowsKnocking = false
    /// The join rule `restricted`.
    public var allowsRestrictedJoins = false
    /// The join rule `knock_restricted`.
    public var allowsKnockRestricted = false
    public var powerLevelFormat = PowerLevelFormat.integersDoublesAndStrings
    /// The content of `m.room.create` must name the `creator`.
    public var createNamesCreator = true

    // Redaction events.
    /// `redacts` stands in the content and not at the top.
    public var redactsInContent = false

    // Creation.
    /// The room ID is the create event's ID with another sigil; the create event itself has no `room_id`.
    public var roomIDIsCreateHash = false
    /// The create event is implied by the room ID and never among the auth events.
    public var createEventIsImplied = false
    /// Those who made the room stand above every power level, and can't be given one; `additional_creators` adds to them.
    public var creatorsHaveInfinitePower = false
}

extension RoomVersionRules {
    /// Whether events point to others by pairs of ID and hashes, and carry their own ID.
    public var eventsCarryIDs: Bool { eventIDs == .assigned }

    /// By the version's ordinal: each is the one before, except for what it changed.
    static let table: [RoomVersionRules] = {
        let v1 = RoomVersionRules()
        let v2 = v1.except { $0.stateResolution = .v2 }
        let v3 = v2.except {
            $0.eventIDs = .hash
            $0.authorizesRedactions = false
        }
        let v4 = v3.except { $0.eventIDs = .urlSafeHash }
        let v5 = v4.except { $0.enforcesKeyValidity = true }
        let v6 = v5.except {
            $0.requiresCanonicalJSON = true
            $0.aliasesAreSpecial = false
            $0.redaction.keepsAliases = false
            $0.guardsNotificationLevels = true
            $0.powerLevelFormat = .integersAndStrings
        }
        let v7 = v6.except { $0.allowsKnocking = true }
        let v8 = v7.except {
            $0.allowsRestrictedJoins = true
            $0.redaction.keepsJoinRuleAllow = true
        }
        let v9 = v8.except { $0.redaction.keepsJoinAuthorisedVia = true }
        let v10 = v9.except {
            $0.allowsKnockRestricted = true
            $0.powerLevelFormat = .integers
        }
        let v11 = v10.except {
            $0.createNamesCreator = false
            $0.redactsInContent = true
            $0.redaction.keepsOriginMembershipAndPrevState = false
            $0.redaction.keepsWholeCreateContent = true
            $0.redaction.keepsRedacts = true
            $0.redaction.keepsInviteLevel = true
            $0.redaction.keepsThirdPartySigned = true
        }
        let v12 = v11.except {
            $0.stateResolution = .v2_1
            $0.roomIDIsCreateHash = true
            $0.createEventIsImplied = true
            $0.creatorsHaveInfinitePower = true
        }
        return [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12]
    }()

    private func except(_ change: (inout Self) -> Void) -> Self {
        var rules = self
        change(&rules)
        return rules
    }
}
