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

    var lazyLoadsMembers: Bool { filter.room?.state?.lazyLoadMembers ?? false }

    /// How many events of a room to show: of one that is new to the client a glimpse unless it asks for more, since it
    /// may page back; of one that it follows enough that few gaps arise.
    func timelineLimit(isNew: Bool) -> Int { min(max(filter.room?.timeline?.limit ?? (isNew ? 10 : 20), 0), 100) }
}
