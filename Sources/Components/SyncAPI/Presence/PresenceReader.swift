import Matrix
import SQL

/// Reads the presence that an answer shows: what is new of those whom the user shares rooms with, and all of those whom the
/// user has just met.
struct PresenceReader {
    let request: SyncRequest
    let now: Int64
    let tx: Transaction

    /// Where the user meets others for the first time.
    struct Meetings {
        /// Rooms that the user has joined.
        var rooms: [String] = []
        /// Rooms that others may have joined.
        var changed: [String] = []
    }

    func read(_ meetings: Meetings) throws -> [RawJSON] {
        guard request.showsPresence else { return [] }
        let since = request.since ?? 0, isInitial = request.since == nil
        var rows = try PresenceTable.changed(for: request.userID, above: since, withOffline: !isInitial, in: tx)
        if !isInitial {
            let known = Set(rows.map(\.userID))
            rows += try PresenceTable.members(
                of: meetings.rooms, joined: meetings.changed, above: since, without: request.userID, in: tx
            ).filter { !known.contains($0.userID) }
        }
        return request.presence(rows, now: now)
    }
}

extension SyncRequest {
    /// What the client wants to see of users' presence, as events: what changed last, last.
    func presence(_ rows: [PresenceRow], now: Int64) -> [RawJSON] {
        var rows = rows.filter { filter.presence?.allows(sender: $0.userID) ?? true }
        rows.sort { ($0.position, $0.userID) < ($1.position, $1.userID) }
        if let limit = filter.presence?.limit { rows = rows.suffix(max(limit, 0)) }
        return rows.map { $0.event(now: now) }
    }
}
