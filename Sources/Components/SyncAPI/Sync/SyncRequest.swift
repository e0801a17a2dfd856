import Matrix

/// What a `/sync` asks for, and for whom.
struct SyncRequest: Sendable {
    var userID: String
    var deviceID: String?
    /// Nil: an initial sync.
    var since: Int64?
    var filter: Filter
    var fullState: Bool

    var timelineLimit: Int { min(max(filter.room?.timeline?.limit ?? 10, 0), 100) }
    var lazyLoadsMembers: Bool { filter.room?.state?.lazyLoadMembers ?? false }
}
