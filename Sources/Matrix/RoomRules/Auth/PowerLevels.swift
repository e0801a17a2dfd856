import Matrix

/// What everybody may do in a room: its `m.room.power_levels`, or the defaults where there is none.
/// [m.room.power_levels](https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels)
public struct PowerLevels: Sendable, Hashable {
    /// Nil when the room has no `m.room.power_levels`.
    public let content: JSONObject?
    public let version: RoomVersion
    public let creators: Creators

    public init(content: JSONObject?, creators: Creators, version: RoomVersion) {
        self.content = content
        self.creators = creators
        self.version = version
    }

    /// The levels that the room's events `m.room.power_levels` and `m.room.create` give.
    public init(_ event: Event?, create: Event?, version: RoomVersion) {
        self.init(content: event?.content, creators: create.map(Creators.init(of:)) ?? Creators(), version: version)
    }

    public func level(of user: String) -> PowerLevel {
        if creators.arePrivileged && creators.contains(user) { return .infinite }
        guard content != nil else { return creators.contains(user) ? 100 : 0 }
        return entry(user, of: "users") ?? usersDefault
    }

    /// What it takes to send an event of `type`; membership has levels of its own beside it.
    public func required(for type: String, isState: Bool) -> PowerLevel {
        entry(type, of: "events") ?? (isState ? stateDefault : eventsDefault)
    }

    /// What it takes to notify as `key` says, for instance `room`.
    public func required(toNotify key: String) -> PowerLevel { entry(key, of: "notifications") ?? 50 }

    public var usersDefault: PowerLevel { property("users_default", default: 0) }
    public var eventsDefault: PowerLevel { property("events_default", default: 0) }
    public var stateDefault: PowerLevel { property("state_default", default: 50) }
    public var invite: PowerLevel { property("invite", default: 0) }
    public var kick: PowerLevel { property("kick", default: 50) }
    public var ban: PowerLevel { property("ban", default: 50) }
    public var redact: PowerLevel { property("redact", default: 50) }

    private func property(_ name: String, default fallback: PowerLevel) -> PowerLevel {
        (content?[name]).flatMap(LevelNotation(version).level).map(PowerLevel.value) ?? fallback
    }

    private func entry(_ key: String, of property: String) -> PowerLevel? {
        (content?[property]?.object?[key]).flatMap(LevelNotation(version).level).map(PowerLevel.value)
    }
}

extension PowerLevels {
    /// The `m.room.power_levels` content of a new room, where its creator says nothing else.
    /// From version 12 on creators are not listed, and an upgrade takes more than an administrator.
    public static func initialContent(creator: String, version: RoomVersion) -> JSONObject {
        let privileged = version.rules.creatorsHaveInfinitePower
        return [
            "users": .object(privileged ? [:] : [creator: 100]),
            "users_default": 0,
            "events": [
                "m.room.name": 50,
                "m.room.power_levels": 100,
                "m.room.history_visibility": 100,
                "m.room.canonical_alias": 50,
                "m.room.avatar": 50,
                "m.room.tombstone": privileged ? 150 : 100,
                "m.room.server_acl": 100,
                "m.room.encryption": 100,
            ],
            "events_default": 0,
            "state_default": 50,
            "ban": 50,
            "kick": 50,
            "redact": 50,
            "invite": 0,
        ]
    }
}
