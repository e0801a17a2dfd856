import Setup
import SQL
import Surroundings
import TestSupport

/// Whether listeners have all that their topics told, as the tables have it.
struct Deliveries: Sendable {
    let database: Database

    /// What each listener component lacks of the rooms' log.
    private func lag(of component: ComponentName) async throws -> Int64 {
        let cursors = "\(component.rawValue)_cursors"
        return try await database.read { tx in
            try tx.row("""
                SELECT CAST(COALESCE(SUM(h.seq - COALESCE(c.seq, 0)), 0) AS BIGINT)
                FROM (SELECT topic, key, MAX(seq) AS seq FROM roomserver_outbox GROUP BY topic, key) h
                LEFT JOIN \(name: cursors) c ON c.topic = h.topic AND c.key = h.key
                WHERE COALESCE(c.seq, 0) < h.seq
                """, as: Int64.self) ?? 0
        }
    }

    /// How many messages an owner has not told yet.
    private func untold(of owner: String) async throws -> Int64 {
        try await database.read { tx in
            try tx.row("""
                SELECT COUNT(*) FROM \(name: "\(owner)_outbox") o
                LEFT JOIN \(name: "\(owner)_outbox_sent") s ON s.topic = o.topic AND s.key = o.key WHERE o.seq > COALESCE(s.seq, 0)
                """, as: Int64.self) ?? 0
        }
    }

    /// Waits until a listener has all that there is by then; what is told meanwhile it need not have.
    func catchesUp(_ component: ComponentName, within limit: Duration) async throws {
        let cursors = "\(component.rawValue)_cursors"
        let heads = try await database.read { tx in
            try tx.rows("SELECT topic, key, MAX(seq) FROM roomserver_outbox GROUP BY topic, key", as: String.self, String.self, Int64.self)
        }
        try await eventually("\(component) has what it missed", within: limit, every: .milliseconds(100)) {
            let reached = try? await database.read { tx in
                try tx.rows("SELECT topic, key, seq FROM \(name: cursors)", as: String.self, String.self, Int64.self)
            }
            guard let reached else { return false }
            let positions = Dictionary(reached.map { ("\($0.0) \($0.1)", $0.2) }) { $1 }
            return heads.allSatisfy { positions["\($0.0) \($0.1)", default: 0] >= $0.2 }
        }
    }

    /// At the end: nothing lacks, nothing was set aside, nothing is untold.
    func check(_ findings: Findings) async throws {
        for component in [ComponentName.syncapi, .federationapi, .appservice] {
            await findings.noting("deliveries") {
                try await eventually("\(component) has everything", within: .seconds(60), every: .milliseconds(200)) {
                    try await lag(of: component) == 0
                }
            }
            let aside = try await database.read { tx in
                try tx.row("SELECT COUNT(*) FROM \(name: "\(component.rawValue)_set_aside")", as: Int64.self) ?? 0
            }
            if aside > 0 { findings.note("\(component) has set aside \(aside) messages") }
        }
        for owner in ["roomserver", "userapi"] {
            await findings.noting("deliveries") {
                try await eventually("\(owner) has told everything", within: .seconds(60), every: .milliseconds(200)) {
                    try await untold(of: owner) == 0
                }
            }
        }
    }
}
