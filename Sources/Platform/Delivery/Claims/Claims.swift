import SQL

/// Pieces of work that any replica may take, one at a time each: claimed and committed, then worked on.
///
/// A piece is a row with a text key. A claim has a number that fences it, and expires by the database's clock, so that
/// the pieces of the dead are taken by others. The table is the claims' own, or one of the component's that has
/// ``columns``.
public struct Claims: Sendable {
    let table: String
    let key: String
    private let isOwn: Bool

    /// A table of its own, `<prefix>_claims`; name the kind of work in the prefix where a component has several.
    public init(prefix: String) {
        table = prefix + "_claims"
        key = "key"
        isOwn = true
    }

    /// A table of the component's, with a text column `key` that is its primary key, and ``columns``.
    public init(table: String, key: String) {
        self.table = table
        self.key = key
        isOwn = false
    }

    /// When there is something to do (NULL: nothing), how often that was said, and who is at it until when.
    public static let columns: SQL = """
        due_ts \(.integer), touched \(.integer) NOT NULL DEFAULT 0, failures \(.integer) NOT NULL DEFAULT 0,
        claim \(.integer) NOT NULL DEFAULT 0, claimed_until \(.integer) NOT NULL DEFAULT 0
        """

    public var migrations: [Migration] {
        var migrations = [
            Migration("claims 0002 index \(table)") { [self] in
                ["CREATE INDEX \(name: table + "_due") ON \(name: table) (due_ts)"]
            }
        ]
        if isOwn {
            migrations.insert(
                Migration("claims 0001 \(table)") { [self] in
                    ["CREATE TABLE \(name: table) (key \(.text) NOT NULL PRIMARY KEY, \(sql: Self.columns))"]
                }, at: 0)
        }
        return migrations
    }

    /// Says that there is something to do, now or later. A claim under way does not miss it. An earlier time stands.
    public func add(_ piece: String, after delay: Duration = .zero, in tx: Transaction) throws {
        try tx.run("""
            INSERT INTO \(name: table) (\(name: key), due_ts, touched) VALUES (\(piece), \(sql: .now) + \(delay.milliseconds), 1)
            ON CONFLICT (\(name: key)) DO UPDATE SET
                due_ts = CASE WHEN \(name: table).due_ts < excluded.due_ts THEN \(name: table).due_ts ELSE excluded.due_ts END,
                touched = \(name: table).touched + 1
            """)
    }

    /// Takes up to `limit` pieces that are due and nobody's, for that long.
    public func take(limit: Int, for duration: Duration, in tx: Transaction) throws -> [Claim] {
        // Drawn at random, not counted: a piece that was deleted and came again must not meet its old claims.
        let number = Int64.random(in: 1...Int64.max)
        return try tx.rows("""
            WITH picked AS MATERIALIZED (
                SELECT \(name: key) AS piece FROM \(name: table)
                WHERE due_ts <= \(sql: .now) AND claimed_until <= \(sql: .now)
                ORDER BY due_ts LIMIT \(limit) \(postgres: "FOR UPDATE SKIP LOCKED", sqlite: "")
            )
            UPDATE \(name: table) SET claim = \(number), claimed_until = \(sql: .now) + \(duration.milliseconds)
            WHERE \(name: key) IN (SELECT piece FROM picked)
            RETURNING \(name: key), touched, failures
            """, as: String.self, Int64.self, Int64.self
        ).map { Claim(piece: $0, number: number, touched: $1, failures: $2) }
    }

    /// Fences and renews: the first statement of a transaction of whoever works on the piece.
    /// - Throws: ``ClaimLost`` where the claim has expired and another has taken the piece, or it is gone.
    public func renew(_ claim: Claim, for duration: Duration, in tx: Transaction) throws {
        let renewed = try tx.changes("""
            UPDATE \(name: table) SET claimed_until = \(sql: .now) + \(duration.milliseconds)
            WHERE \(name: key) = \(claim.piece) AND claim = \(claim.number)
            """)
        guard renewed == 1 else { throw ClaimLost(piece: claim.piece) }
    }

    /// The work is done. What was added meanwhile is due at once, also where its addition is committed only now: a statement that waited
    /// for it finds the piece touched.
    /// - Throws: ``ClaimLost``
    public func complete(_ claim: Claim, in tx: Transaction) throws {
        let done: SQL =
            isOwn
            ? "DELETE FROM \(name: table)"
            : "UPDATE \(name: table) SET claim = 0, claimed_until = 0, failures = 0, due_ts = NULL"
        let completed = try tx.changes("""
            \(sql: done) WHERE \(name: key) = \(claim.piece) AND claim = \(claim.number) AND touched = \(claim.touched)
            """)
        if completed == 1 { return }
        let again = try tx.changes("""
            UPDATE \(name: table) SET claim = 0, claimed_until = 0, failures = 0, due_ts = \(sql: .now)
            WHERE \(name: key) = \(claim.piece) AND claim = \(claim.number)
            """)
        guard again == 1 else { throw ClaimLost(piece: claim.piece) }
    }

    /// The work is not done: it is due again after that long, or at once where something was added.
    /// - Throws: ``ClaimLost``
    public func release(_ claim: Claim, after delay: Duration, failed: Bool = false, in tx: Transaction) throws {
        let released = try tx.changes("""
            UPDATE \(name: table) SET claim = 0, claimed_until = 0, failures = \(failed ? claim.failures + 1 : 0),
                due_ts = \(sql: .now) + CASE WHEN touched = \(claim.touched) THEN \(delay.milliseconds) ELSE 0 END
            WHERE \(name: key) = \(claim.piece) AND claim = \(claim.number)
            """)
        guard released == 1 else { throw ClaimLost(piece: claim.piece) }
    }
}

/// A piece of work that is ours for a while.
public struct Claim: Sendable, Equatable {
    public let piece: String
    public let number: Int64
    let touched: Int64
    /// How often in a row it failed.
    public let failures: Int64
}

/// The claim has expired and the piece is another's, or it is gone.
public struct ClaimLost: Error, Equatable, Sendable {
    public let piece: String

    public init(piece: String) { self.piece = piece }
}
