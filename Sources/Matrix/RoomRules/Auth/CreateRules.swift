import Matrix

/// The first authorization rule: how a room may begin.
func checkCreate(_ event: Event) throws {
    let rules = event.version.rules
    try require(event.prevEvents.isEmpty, "A create event comes first in its room")
    if rules.roomIDIsCreateHash {
        try require(!event.statesRoomID, "A create event of this version bears no room ID")
    } else {
        try require(
            haveSameDomain(event.roomID, event.sender), "The room ID is not of the server that creates the room"
        )
    }
    if let version = event.content["room_version"] {
        try require(version.string.flatMap(RoomVersion.init(rawValue:)) != nil, "The room version is not known")
    }
    if rules.createNamesCreator {
        try require(event.content["creator"] != nil, "A create event of this version names the creator")
    }
    if rules.creatorsHaveInfinitePower, let additional = event.content["additional_creators"] {
        try require(
            additional.array?.allSatisfy { $0.string.flatMap(UserID.init) != nil } ?? false,
            "The additional creators are not a list of user IDs"
        )
    }
}
