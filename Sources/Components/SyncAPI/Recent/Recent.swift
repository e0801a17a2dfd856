import Contracts
import SQL
import Synchronization

/// Answers incremental syncs out of memory: what happened lately is read once, by the first who asks for it, and told to all
/// who wait. Whatever it cannot tell for certain, it leaves to the database.
final class Recent: Sendable {
    /// What a look found, and for what to wait if that is nothing.
    struct Look: Sendable {
        var response: SyncResponse
        var rooms: Set<String>
        var ignored = IgnoredUsers.nobody
        var position: Int64
    }

    private struct State {
        var happenings = RecentHappenings()
        var joined = JoinedRooms()
        var unread = KnownUnread()
    }

    private let state = Mutex(State())
    private let reading = SharedCalls<Int, Void>()
    private let database: Database
    private let notifier: Notifier
    private let tellsPresence: Bool

    /// What happened in more than so many positions is not worth reading for those who wait.
    private static let longestStretch: Int64 = 1_000

    init(database: Database, notifier: Notifier, tellsPresence: Bool = false) {
        self.database = database
        self.notifier = notifier
        self.tellsPresence = tellsPresence
    }

    /// The answer to an incremental sync that waits for what it is not told yet. Nil: the database has to be asked.
    func look(_ request: SyncRequest) async throws -> Look? {
        guard let since = request.since, !request.fullState else { return nil }
        try await catchUp()
        let found = state.withLock { state -> (answer: RecentAnswer, rooms: Set<String>)? in
            let happenings = state.happenings
            guard since >= max(happenings.low, happenings.plainAbove(request.userID)), since <= happenings.high,
                let rooms = state.joined.rooms(of: request.userID, at: happenings.high)
            else { return nil }
            if request.showsPresence, since < happenings.presencePlainAbove { return nil }
            let answer = RecentAnswer(
                request: request, ignored: state.joined.ignored(by: request.userID), since: since, position: happenings.high,
                rooms: happenings.rooms(above: since, among: rooms),
                presences: request.showsPresence ? happenings.presences(above: since, for: request.userID, in: rooms) : [])
            return (answer, rooms)
        }
        guard let (answer, rooms) = found, var response = answer.response() else { return nil }
        if !response.rooms.join.isEmpty { try await countUnread(in: &response.rooms.join, answer) }
        return Look(response: response, rooms: rooms, position: answer.position)
    }

    /// Says what is unread in each room: from what was counted before, where that can be gone on from.
    private func countUnread(in rooms: inout [String: SyncResponse.JoinedRoom], _ answer: RecentAnswer) async throws {
        let userID = answer.request.userID, position = answer.position
        let asked = answer.rooms.filter { rooms[$0.key] != nil }
        var counts = state.withLock { state in
            state.unread.counts(of: userID, in: asked, above: state.happenings.low, at: position)
        }
        let missing = asked.keys.filter { counts[$0] == nil }
        if !missing.isEmpty {
            let read = try await database.read { tx in
                let histories = try EventsTable.membershipHistories(of: userID, rooms: missing, in: tx)
                return try UnreadReader(userID: userID, tx: tx).read(histories, through: position)
            }
            let new = Dictionary(missing.map { ($0, read[$0] ?? UnreadCounts()) }) { $1 }
            counts.merge(new) { $1 }
            state.withLock { state in
                guard position >= state.happenings.low, position >= state.happenings.plainAbove(userID) else { return }
                state.unread.set(new, of: userID, at: position)
            }
        }
        for (roomID, one) in counts { rooms[roomID]?.setUnread(one, answer.request) }
    }

    /// Whether the rooms of a user need not be read.
    func knowsRooms(of userID: String) -> Bool { state.withLock { $0.joined.knows(userID) } }

    /// The rooms that a user was in at a position, and whom they ignored, as the database says.
    func learn(_ rooms: Set<String>, ignoring ignored: IgnoredUsers, of userID: String, at position: Int64) {
        state.withLock { state in
            // Whether they moved before what is known begins, or after this was read, nobody would say.
            guard state.happenings.hasBegun, position >= state.happenings.low,
                position >= state.happenings.plainAbove(userID)
            else { return }
            state.joined.set(rooms, ignoring: ignored, of: userID, at: position)
        }
    }

    /// Reads what happened up to the last signal.
    private func catchUp() async throws {
        while state.withLock({ !$0.happenings.hasBegun || $0.happenings.high < notifier.position }) {
            try await reading.value(for: 0) { [self] in try await readOn() }
        }
    }

    private func readOn() async throws {
        let (hasBegun, high) = state.withLock { ($0.happenings.hasBegun, $0.happenings.high) }
        if hasBegun, notifier.position <= high { return }
        guard hasBegun, let news = notifier.news(above: high), news.position - high <= Self.longestStretch else {
            let position = try await database.query { try SyncPosition().current(in: $0) }
            state.withLock { state in
                state.happenings.begin(at: position)
                state.joined.forgetAll()
                state.unread.forgetAll()
            }
            return
        }
        let rows = try await database.read { [tellsPresence] in
            try RecentRows(news, above: high, withPresence: tellsPresence, in: $0)
        }
        try state.withLock { state in
            try state.happenings.extend(with: rows, news)
            for userID in news.userIDs {
                state.joined.forget(userID)
                state.unread.forget(userID)
            }
        }
    }
}
