/// How many events of a room are unread for a user, by thread.
/// [Receiving notifications](https://spec.matrix.org/v1.19/client-server-api/#receiving-notifications)
struct UnreadCounts: Sendable, Equatable {
    struct Count: Sendable, Equatable {
        var notifications: Int64 = 0
        var highlights: Int64 = 0
    }

    /// What is in no thread is in `main`.
    private var threads: [String: Count] = [:]

    static let main = "main"

    mutating func add(_ notifications: Int64, _ highlights: Int64, in threadID: String) {
        threads[threadID, default: Count()].notifications += notifications
        threads[threadID, default: Count()].highlights += highlights
    }

    /// Of the whole room, threads and all.
    var total: SyncResponse.UnreadNotifications {
        threads.values.reduce(into: SyncResponse.UnreadNotifications()) { total, count in
            let shown = SyncResponse.UnreadNotifications(count)
            total.notificationCount += shown.notificationCount
            total.highlightCount += shown.highlightCount
        }
    }

    /// Of what is in no thread.
    var outsideThreads: SyncResponse.UnreadNotifications { SyncResponse.UnreadNotifications(threads[Self.main] ?? Count()) }

    /// Of each thread with something unread.
    var byThread: [String: SyncResponse.UnreadNotifications] {
        threads.filter { $0.key != Self.main }.mapValues { SyncResponse.UnreadNotifications($0) }
            .filter { $0.value.notificationCount > 0 || $0.value.highlightCount > 0 }
    }
}

extension SyncResponse.UnreadNotifications {
    init(_ count: UnreadCounts.Count) {
        self.init(highlightCount: Int(max(0, count.highlights)), notificationCount: Int(max(0, count.notifications)))
    }
}

extension SyncResponse.JoinedRoom {
    /// Says what is unread: by thread where the client asked for that.
    /// [Threaded read receipts](https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts)
    mutating func setUnread(_ counts: UnreadCounts, _ request: SyncRequest) {
        if request.filter.room?.timeline?.unreadThreadNotifications ?? false {
            unreadNotifications = counts.outsideThreads
            unreadThreadNotifications = counts.byThread
        } else {
            unreadNotifications = counts.total
        }
    }
}
