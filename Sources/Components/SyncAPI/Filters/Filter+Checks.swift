import Matrix

extension Filter {
    /// Refuses what names no rooms or users. Errors: M_BAD_JSON.
    func check() throws {
        try check(rooms: room?.rooms, room?.notRooms)
        let filters = [presence, accountData, room?.timeline, room?.state, room?.ephemeral, room?.accountData]
        for filter in filters.compactMap(\.self) { try filter.check() }
    }

    private func check(rooms lists: [String]?...) throws {
        for list in lists.compactMap(\.self) { try checkRooms(list) }
    }
}

extension EventFilter {
    /// Refuses what names no rooms or users. Errors: M_BAD_JSON.
    func check() throws {
        for list in [rooms, notRooms].compactMap(\.self) { try checkRooms(list) }
        for user in [senders, notSenders].compactMap(\.self).joined() where UserID(user) == nil {
            throw MatrixError.badJSON("The filter names \(user), which is no user ID")
        }
    }
}

private func checkRooms(_ rooms: [String]) throws {
    for room in rooms where RoomID(room) == nil {
        throw MatrixError.badJSON("The filter names \(room), which is no room ID")
    }
}
