import Matrix

extension RoomEdit {
    /// Refuses a guest who would come into a room that is not open to guests.
    /// [Guest access](https://spec.matrix.org/v1.19/client-server-api/#guest-access)
    func requireGuestAccess() throws {
        guard try state("m.room.guest_access")?.letsGuestsIn == true else {
            throw MatrixError.guestAccessForbidden("This room is not open to guests")
        }
    }
}

extension Event {
    /// Whether an `m.room.guest_access` opens the room to guests.
    var letsGuestsIn: Bool { content["guest_access"]?.string == "can_join" }
    /// Whether a member event is a guest's: guests are marked so when they join.
    var isOfGuest: Bool { content["kind"]?.string == GuestMark.kind }
}

/// How the member events of guests are told from those of others.
enum GuestMark {
    static let kind = "guest"

    /// The content with the mark, or without it.
    static func put(_ isGuest: Bool, into content: JSONObject) -> JSONObject {
        var content = content
        if isGuest {
            content["kind"] = .string(kind)
        } else if content["kind"]?.string == kind {
            content["kind"] = nil
        }
        return content
    }
}
