import SQL
import Topics

/// At which syncapis whose clients sync, and when each syncapi was last seen: what is told by one that is no more counts no more.
struct PresenceSyncsTable {
    static let schema: SQL = """
        CREATE TABLE syncapi_presence_syncs (
            user_id \(.text) NOT NULL,
            replica \(.text) NOT NULL,
            state \(.text) NOT NULL,
            PRIMARY KEY (user_id, replica)
        )
        """
    static let replicaIndex: SQL = "CREATE INDEX syncapi_presence_syncs_replica ON syncapi_presence_syncs (replica)"
    static let replicasSchema: SQL = """
        CREATE TABLE syncapi_presence_replicas (replica \(.text) PRIMARY KEY, seen_ts \(.integer) NOT NULL)
        """

    /// A replica that was not seen for so long, in milliseconds, is no more.
    static let patience: Int64 = 45_000

    /// Records what a user's clients do at a replica. Returns what they do at all of them together.
    static func record(_ userID: String, at replica: String, _ state: Presence.State, in tx: Transaction) throws -> Presence.State {
        if state == .offline {
            try tx.later("DELETE FROM syncapi_presence_syncs WHERE user_id = \(userID) AND replica = \(replica)")
        } else {
            try tx.later("""
                INSERT INTO syncapi_presence_syncs (user_id, replica, state) VALUES (\(userID), \(replica), \(state.rawValue))
                ON CONFLICT (user_id, replica) DO UPDATE SET state = excluded.state
                """)
            let now = try tx.now
            try tx.later("""
                INSERT INTO syncapi_presence_replicas (replica, seen_ts) VALUES (\(replica), \(now))
                ON CONFLICT (replica) DO NOTHING
                """)
        }
        return try states(of: [userID], in: tx)[userID] ?? .offline
    }

    /// What the clients of users do, all replicas together; absent: they do not sync.
    static func states(of userIDs: [String], in tx: Transaction) throws -> [String: Presence.State] {
        if userIDs.isEmpty { return [:] }
        let rows = try tx.rows(
            "SELECT user_id, state FROM syncapi_presence_syncs WHERE user_id \(anyOf: userIDs)", as: String.self, String.self)
        return Dictionary(rows.map { ($0.0, Presence.State(rawValue: $0.1) ?? .offline) }) { max($0, $1) }
    }

    /// Says that a replica is alive; false where it was given up, and what it told with it.
    static func see(_ replica: String, in tx: Transaction) throws -> Bool {
        let now = try tx.now
        return try tx.changes("UPDATE syncapi_presence_replicas SET seen_ts = \(now) WHERE replica = \(replica)") > 0
    }

    /// Whether a user's clients are known to sync so at a replica. With the next statement that is waited for.
    static func isKnownAhead(
        _ userID: String, at replica: String, _ state: Presence.State, in tx: Transaction
    ) throws -> () throws -> Bool {
        let found = try tx.ahead("""
            SELECT 1 FROM syncapi_presence_syncs
            WHERE user_id = \(userID) AND replica = \(replica) AND state = \(state.rawValue)
            """)
        return { try !found.rows(as: Int64.self).isEmpty }
    }

    /// Whether a replica is to be given up; nil where there is none at all.
    static func isAnyGone(at now: Int64, in tx: Transaction) throws -> Bool? {
        try tx.row("SELECT MIN(seen_ts) FROM syncapi_presence_replicas", as: Int64?.self)?.map { $0 < now - patience }
    }

    /// Forgets what replicas told that are no more, of so many users at the most. Returns the users.
    static func giveUp(at now: Int64, limit: Int, in tx: Transaction) throws -> [String] {
        guard let replica = try tx.row("""
            SELECT replica FROM syncapi_presence_replicas WHERE seen_ts < \(now - patience) ORDER BY seen_ts LIMIT 1
            """, as: String.self)
        else { return [] }
        let users = try tx.rows("""
            SELECT user_id FROM syncapi_presence_syncs WHERE replica = \(replica) LIMIT \(Int64(limit))
            """, as: String.self)
        if !users.isEmpty {
            try tx.later("DELETE FROM syncapi_presence_syncs WHERE replica = \(replica) AND user_id \(anyOf: users)")
        }
        if users.count < limit { try tx.later("DELETE FROM syncapi_presence_replicas WHERE replica = \(replica)") }
        return users
    }
}
