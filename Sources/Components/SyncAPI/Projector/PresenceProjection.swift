import SQL
import Topics

/// Writes what changes users' presence. Each of these returns the users of whom others are to hear.
struct PresenceProjection {
    let tx: Transaction
    let position: Int64

    /// So many are written at once when time changes them.
    private static let together = 500

    /// What a user or their clients say.
    func write(_ update: PresenceUpdate) throws -> [String] {
        let now = try tx.now
        return try change([update.userID], creates: true, now) { presence in
            if let replica = update.replica {
                presence.follow(try PresenceSyncsTable.record(update.userID, at: replica, update.state, in: tx), now: now)
            } else {
                presence.set(update.state, statusMessage: update.statusMessage, now: now)
            }
        }
    }

    /// Users did something.
    func act(_ userIDs: [String]) throws -> [String] {
        let now = try tx.now
        return try change(userIDs, now) { $0.act(now: now) }
    }

    /// Time passed.
    func age() throws -> [String] {
        let now = try tx.now
        let gone = try PresenceSyncsTable.giveUp(at: now, limit: Self.together, in: tx)
        let left = try PresenceSyncsTable.states(of: gone, in: tx)
        let offline = try PresenceTable.rows(of: gone, in: tx).map { row in
            changed(row) { $0.follow(left[row.userID] ?? .offline, now: now) }
        }
        try PresenceTable.upsert(offline.map(\.row), in: tx)
        let aged = try PresenceTable.due(at: now, limit: Self.together, in: tx).map { row in changed(row) { $0.age(now: now) } }
        try PresenceTable.upsert(aged.map(\.row), in: tx)
        return (offline + aged).filter(\.isNews).map(\.row.userID)
    }

    private func change(
        _ userIDs: [String], creates: Bool = false, _ now: Int64, _ body: (inout Presence) throws -> Void
    ) throws -> [String] {
        var rows = try PresenceTable.rows(of: userIDs, in: tx)
        if creates {
            let known = Set(rows.map(\.userID))
            rows += userIDs.filter { !known.contains($0) }.map { PresenceRow(userID: $0, presence: nil, position: position) }
        }
        let written = try rows.map { row in try changed(row, now, body) }
        try PresenceTable.upsert(written.map(\.row), in: tx)
        return written.filter(\.isNews).map(\.row.userID)
    }

    private func changed(
        _ row: PresenceRow, _ now: Int64 = 0, _ body: (inout Presence) throws -> Void
    ) rethrows -> (row: PresenceRow, isNews: Bool) {
        var presence = row.presence ?? Presence(lastActive: now)
        try body(&presence)
        let isNews = presence.isNews(after: row.presence)
        return (PresenceRow(userID: row.userID, presence: presence, position: isNews ? position : row.position), isNews)
    }
}
