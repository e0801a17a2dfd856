import Matrix

extension PowerLevels {
    /// What an upgraded room begins with: these levels, in the notation of its version, where those who stand above every
    /// level are not listed.
    /// [Room upgrades](https://spec.matrix.org/v1.19/client-server-api/#room-upgrades)
    public func content(forUpgradeTo version: RoomVersion, creators newCreators: [String]) -> JSONObject {
        guard let content else { return Self.initialContent(creator: newCreators.first ?? "", version: version) }
        var carried = content
        if version.rules.powerLevelFormat != self.version.rules.powerLevelFormat { carried = content.asIntegers(self.version) }
        let listed = carried["users"]?.object ?? [:]
        var users = listed.filter { user, _ in UserID(user) != nil }
        if version.rules.creatorsHaveInfinitePower {
            for creator in newCreators { users[creator] = nil }
        } else if creators.arePrivileged {
            for creator in creators.users where users[creator] == nil { users[creator] = 100 }
        }
        if users != listed { carried["users"] = .object(users) }
        return carried
    }

    /// The same with nobody inviting and nothing said by those who have no more than the others; nil where it is so already.
    public var closed: JSONObject? {
        guard var content else { return nil }
        let least = max(50, min(usersDefault.value ?? 0, JSON.greatestCanonicalInteger - 1) + 1)
        guard eventsDefault < .value(least) || invite < .value(least) else { return nil }
        if eventsDefault < .value(least) { content["events_default"] = .integer(least) }
        if invite < .value(least) { content["invite"] = .integer(least) }
        return content
    }
}

extension JSONObject {
    /// The content of power levels with every level written as an integer, as all versions have it.
    fileprivate func asIntegers(_ version: RoomVersion) -> JSONObject {
        let notation = LevelNotation(version)
        return JSONObject(
            compactMap { key, value -> (String, JSON)? in
                if let entries = value.object { return (key, .object(entries.asIntegers(version))) }
                return notation.level(value).map { (key, .integer($0)) }
            })
    }
}
