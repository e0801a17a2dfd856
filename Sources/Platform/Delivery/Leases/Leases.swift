import SQL

/// Who does what only one may do, as a row: name, holder, epoch, and expiry by the database's clock.
///
/// A lease decides who works; its row decides what is right. Every transaction of the holder begins with
/// ``advance(_:by:in:)``, one statement that fences, renews and numbers.
public struct Leases: Sendable {
    let table: String
    /// How long a lease outlives its holder.
    public let duration: Duration

    public init(prefix: String, duration: Duration = .seconds(10)) {
        table = prefix + "_leases"
        self.duration = duration
    }

    public var migrations: [Migration] {
        [
            Migration("leases 0001 \(table)") { [self] in
                [
                    """
                    CREATE TABLE \(name: table) (
                        name \(.text) NOT NULL PRIMARY KEY, holder \(.text) NOT NULL, epoch \(.integer) NOT NULL,
                        expires_ts \(.integer) NOT NULL, position \(.integer) NOT NULL
                    )
                    """
                ]
            }
        ]
    }

    /// Takes the lease if nobody has it; nil where somebody does. Waits for the holder's open transaction, not longer.
    /// - Parameter whoeverHasIt: takes it in any case, where whoever had it is known to be gone.
    public func acquire(
        _ name: String, holder: String, whoeverHasIt: Bool = false, in tx: Transaction
    ) throws -> Lease? {
        try tx.run("""
            INSERT INTO \(name: table) (name, holder, epoch, expires_ts, position) VALUES (\(name), '', 0, 0, 0)
            ON CONFLICT (name) DO NOTHING
            """)
        let epoch = try tx.row("""
            UPDATE \(name: table)
            SET holder = \(holder), epoch = epoch + 1, expires_ts = \(sql: .now) + \(duration.milliseconds)
            WHERE name = \(name) AND (expires_ts <= \(sql: .now) OR \(sql: isImpossible) OR \(whoeverHasIt))
            RETURNING epoch
            """, as: Int64.self)
        return epoch.map { Lease(name: name, holder: holder, epoch: $0) }
    }

    /// Whether it is worth trying to acquire it.
    public func isFree(_ name: String, in tx: Transaction) throws -> Bool {
        try tx.row("""
            SELECT 1 FROM \(name: table) WHERE name = \(name) AND expires_ts > \(sql: .now) AND NOT \(sql: isImpossible)
            """, as: Int.self) == nil
    }

    /// A lease that would outlast the longest was taken before the database's clock was set back. If its holder lives, it is
    /// fenced, and takes it again.
    private var isImpossible: SQL { "(expires_ts > \(sql: .now) + \(2 * duration.milliseconds))" }

    /// Fences, renews, and takes the next `count` positions: returns the last of them.
    /// - Throws: ``LeaseLost`` where another has taken the lease; the transaction must end then.
    public func advance(_ lease: Lease, by count: Int64 = 0, in tx: Transaction) throws -> Int64 {
        try advanceAhead(lease, by: count, in: tx)()
    }

    /// The same with the next statement that is waited for: what is returned must be called before the transaction ends.
    public func advanceAhead(_ lease: Lease, by count: Int64, in tx: Transaction) throws -> () throws -> Int64 {
        let advanced = try tx.ahead("""
            UPDATE \(name: table)
            SET position = position + \(count), expires_ts = \(sql: .now) + \(duration.milliseconds)
            WHERE name = \(lease.name) AND epoch = \(lease.epoch)
            RETURNING position
            """)
        return {
            guard let position = try advanced.rows(as: Int64.self).first else { throw LeaseLost(name: lease.name) }
            return position
        }
    }

    /// Gives the lease up, so that the next need not wait for its expiry.
    public func release(_ lease: Lease, in tx: Transaction) throws {
        try tx.run("UPDATE \(name: table) SET expires_ts = 0 WHERE name = \(lease.name) AND epoch = \(lease.epoch)")
    }

    /// The last position taken, or 0. Read it in the snapshot of the rows it speaks of.
    public func position(of name: String, in tx: Transaction) throws -> Int64 {
        try positionAhead(of: name, in: tx)()
    }

    /// The same with the next statement that is waited for.
    public func positionAhead(of name: String, in tx: Transaction) throws -> () throws -> Int64 {
        let found = try tx.ahead("SELECT position FROM \(name: table) WHERE name = \(name)")
        return { try found.rows(as: Int64.self).first ?? 0 }
    }
}

/// A lease as its holder knows it.
public struct Lease: Sendable, Equatable {
    public let name: String
    public let holder: String
    /// Raised whenever the lease is taken: a holder of an earlier one is refused.
    public let epoch: Int64
}

/// Another holds the lease now.
public struct LeaseLost: Error, Equatable, Sendable {
    public let name: String

    public init(name: String) { self.name = name }
}
