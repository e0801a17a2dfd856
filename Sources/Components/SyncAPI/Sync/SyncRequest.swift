import Matrix

/// What a `/sync` asks for, and for whom.
struct SyncRequest: Sendable {
    var userID: String
    var deviceID: String?
    /// Nil: an initial sync.
    var since: Int64?
    var filter: Filter
    var fullState: Bool
    /// Whether the state is wanted as it is after the timeline rather than before it.
    var usesStateAfter = false
    /// What came with the token of members that were told; nil: nothing, or that does not matter.
    var mark: ToldMembers.Mark?
    /// The members that need not be told again; nil: all are.
    var known: ToldMembers.Known?
    /// How the user is to be seen for this.
    var setsPresence = Presence.State.online
    /// Whether it is to be told who is there.
    var showsPresence = false
    /// Whether events name their rooms.
    var includesRoomID = false

    var lazyLoadsMembers: Bool { filter.room?.state?.lazyLoadMembers ?? false }

    /// Whether members are told again whenever they say something.
    var wantsRedundantMembers: Bool { filter.room?.state?.includeRedundantMembers ?? false }

    /// How many events of a room to show: of one that is new to the client a glimpse unless it asks for more, since it
    /// may page back; of one that it follows enough that few gaps arise.
    func timelineLimit(isNew: Bool) -> Int { min(max(filter.room?.timeline?.limit ?? (isNew ? 10 : 20), 0), 100) }
}
