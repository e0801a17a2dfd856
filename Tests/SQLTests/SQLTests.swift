import Foundation
import SQL
import TestSupport
import Testing

/// What holds on both databases.
@Suite(.timeLimit(.minutes(2))) struct SQLTests {
    @Test(arguments: TestDatabase.allCases)
    func valuesGoRoundUnharmed(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.migrate("test", [
            Migration("0001") {
                ["CREATE TABLE t (id \(.identity), i \(.integer), s \(.text), b \(.bytes), f \(.boolean), d \(.double))"]
            }
        ])
        let bytes = (0...255).map(UInt8.init)
        let text = "ö \u{1F600} '\"\\ \n $1 ?1 %s"
        let id = try await db.transaction { tx in
            try tx.row("""
                INSERT INTO t (i, s, b, f, d) VALUES (\(Int64.min), \(text), \(bytes), \(true), \(-0.5)) RETURNING id
                """, as: Int64.self)
        }
        let row = try #require(try await db.read { tx in
            try tx.row("SELECT i, s, b, f, d FROM t WHERE id = \(id)", as: Int64.self, String.self, [UInt8].self, Bool.self, Double.self)
        })
        #expect(row.0 == Int64.min && row.1 == text && row.2 == bytes && row.3 && row.4 == -0.5)
    }

    @Test(arguments: TestDatabase.allCases)
    func emptyIsNotNull(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (s \(.text), b \(.bytes), i \(.integer))")
            try tx.run("INSERT INTO t VALUES (\(""), \([UInt8]()), \(Int64?.none))")
            let row = try #require(try tx.row("SELECT s, b, i FROM t", as: String?.self, [UInt8]?.self, Int64?.self))
            #expect(row.0 == "" && row.1 == [] && row.2 == nil)
            try tx.run("INSERT INTO t VALUES (\(String?.none), \([UInt8]?.none), \(Int64?(7)))")
            let other = try #require(try tx.row("SELECT s, b, i FROM t WHERE i = 7", as: String?.self, [UInt8]?.self, Int64?.self))
            #expect(other.0 == nil && other.1 == nil && other.2 == 7)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func textWithZeroIsRefusedAndBytesCarryIt(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { try $0.run("CREATE TABLE t (s \(.text), b \(.bytes))") }
        await #expect(throws: DatabaseError.refusedValue("text with U+0000")) {
            try await db.transaction { try $0.run("INSERT INTO t (s) VALUES (\("a\0b"))") }
        }
        await #expect(throws: DatabaseError.refusedValue("text with U+0000")) {
            try await db.read { try $0.rows("SELECT s FROM t WHERE s \(anyOf: ["a\0b"])", as: String.self) }
        }
        let read = try await db.transaction { tx in
            try tx.run("INSERT INTO t (b) VALUES (\([0, 1, 0] as [UInt8]))")
            return try tx.row("SELECT b FROM t", as: [UInt8].self)
        }
        #expect(read == [0, 1, 0])
    }

    @Test(arguments: TestDatabase.allCases)
    func listsAreOneParameter(kind: TestDatabase) async throws {
        let db = try await kind.open()
        let names = ["a", "b\"\\{}", "c,d", "ö\n\u{1}", ""]
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (i \(.integer), s \(.text))")
            try tx.run("INSERT INTO t (i, s) \(rows: names.enumerated().map { [Int64($0), $1] })")
        }
        try await db.read { (tx: Transaction) throws -> Void in
            for (index, name) in names.enumerated() {
                #expect(try tx.rows("SELECT i FROM t WHERE s \(anyOf: [name])", as: Int.self) == [index])
            }
            #expect(try tx.rows("SELECT i FROM t WHERE s \(anyOf: names) ORDER BY i", as: Int.self) == [0, 1, 2, 3, 4])
            #expect(try tx.rows("SELECT i FROM t WHERE i \(anyOf: [1, 3, 9]) ORDER BY i", as: Int.self) == [1, 3])
            #expect(try tx.rows("SELECT i FROM t WHERE i \(anyOf: [Int64]())", as: Int.self).isEmpty)
            #expect(try tx.rows("SELECT i FROM t WHERE NOT (i \(anyOf: [0, 1, 2, 3]))", as: Int.self) == [4])
            let read = try tx.map("SELECT i, s, NULL, i = 1 FROM t ORDER BY i") { row in
                "\(try row.integer()) \(try row.text()) \(try row.textIfAny() ?? "-")"
            }
            #expect(read == names.enumerated().map { "\($0) \($1) -" })
            #expect(throws: DatabaseError.self) { try tx.map("SELECT s FROM t") { try $0.integer() } }
            #expect(try tx.row("SELECT SUM(i), COUNT(*), MAX(i) FROM t", as: Int.self, Int.self, Int.self)! == (10, 5, 4))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func rowsOfAnyNumberAreOneTable(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { try $0.run("CREATE TABLE t (i \(.integer), s \(.text), y \(.bytes), b \(.boolean), d \(.double))") }
        for count in [1, 2, 50] {
            let (changed, read) = try await db.transaction { tx in
                let rows = (0..<count).map { row -> [any SQLBindable] in
                    let isEven = row % 2 == 0
                    return [row, isEven ? nil : "ö\(row)", isEven ? [UInt8(0), 255] : nil, isEven, isEven ? nil : Double(row) / 2]
                }
                try tx.run("DELETE FROM t")
                try tx.run("INSERT INTO t (i, s, y, b, d) \(rows: rows)")
                let changed = try tx.changes("UPDATE t SET i = v.column2 FROM (\(rows: [[0, 100], [1, 101], [99, 0]])) v WHERE i = v.column1")
                let read = try tx.rows(
                    "SELECT i, s, y, b, d FROM t ORDER BY i", as: Int.self, String?.self, [UInt8]?.self, Bool.self, Double?.self)
                return (changed, read)
            }
            #expect(changed == min(count, 2))
            #expect(read.count == count)
            for (i, s, y, b, d) in read {
                let row = i >= 100 ? i - 100 : i, isEven = row % 2 == 0
                #expect((s, b, d) == (isEven ? nil : "ö\(row)", isEven, isEven ? nil : Double(row) / 2))
                #expect(y == (isEven ? [0, 255] : nil))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsLeftForLaterComesInOrderAndFailsTheTransaction(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer) PRIMARY KEY)") }
        let seen = try await db.transaction { tx in
            for number in 0..<40 { try tx.later("INSERT INTO t VALUES (\(number))") }
            try tx.later("DELETE FROM t WHERE a >= \(2)")
            let seen = try tx.rows("SELECT a FROM t ORDER BY a", as: Int.self)
            try tx.later("INSERT INTO t VALUES (\(2))")
            return seen
        }
        #expect(seen == [0, 1])
        await #expect(throws: DatabaseError.self) {
            try await db.transaction { tx in
                try tx.later("INSERT INTO t VALUES (\(3))")
                try tx.later("INSERT INTO t VALUES (\(1))")
                try tx.later("INSERT INTO t VALUES (\(4))")
            }
        }
        #expect(try await db.read { try $0.rows("SELECT a FROM t ORDER BY a", as: Int.self) } == [0, 1, 2])
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsAskedAheadIsAnsweredInOrder(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer) PRIMARY KEY, s \(.text))") }
        let (none, one, two, last) = try await db.transaction { tx in
            let none = try tx.ahead("SELECT a FROM t")
            try tx.later("INSERT INTO t VALUES (\(1), \("ö"))")
            let one = try tx.ahead("SELECT a, s FROM t")
            let two = try tx.rows("INSERT INTO t VALUES (\(2), NULL) RETURNING a", as: Int.self)
            let last = try tx.ahead("SELECT a, s FROM t ORDER BY a")
            return (
                try none.rows(as: Int.self), try one.rows(as: Int.self, String?.self).map { "\($0) \($1 ?? "-")" }, two,
                try last.rows(as: Int.self, String?.self).map { "\($0) \($1 ?? "-")" }
            )
        }
        #expect(none.isEmpty && one == ["1 ö"] && two == [2] && last == ["1 ö", "2 -"])
        await #expect(throws: DatabaseError.self) {
            try await db.transaction { tx in
                let failing = try tx.ahead("INSERT INTO t VALUES (\(1), \("x")) RETURNING a")
                let after = try tx.ahead("SELECT a FROM t")
                #expect(throws: DatabaseError.self) { try after.rows(as: Int.self) }
                _ = try? failing.rows(as: Int.self)
            }
        }
        #expect(try await db.read { try $0.rows("SELECT a FROM t ORDER BY a", as: Int.self) } == [1, 2])
    }

    @Test(arguments: TestDatabase.allCases)
    func transactionsRollBack(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { try $0.run("CREATE TABLE t (a \(.integer))") }
        await #expect(throws: TestFailure.self) {
            try await db.transaction { tx in
                try tx.run("INSERT INTO t VALUES (\(1))")
                throw TestFailure("changed my mind")
            }
        }
        #expect(try await db.read { try $0.rows("SELECT a FROM t", as: Int.self) }.isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func aCaughtFailureStillFailsTheTransaction(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer) PRIMARY KEY)")
            try tx.run("INSERT INTO t VALUES (\(1))")
        }
        do {
            try await db.transaction { tx in
                try tx.run("INSERT INTO t VALUES (\(2))")
                try? tx.run("INSERT INTO t VALUES (\(1))")
            }
            Issue.record("committed")
        } catch DatabaseError.uniqueViolation(let constraint) {
            #expect(constraint == (kind == .postgres ? "t_pkey" : "t.a"))
        }
        #expect(try await db.read { try $0.rows("SELECT a FROM t", as: Int.self) } == [1])
    }

    @Test(arguments: TestDatabase.allCases)
    func readsSeeOneSnapshotAndCannotWrite(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer))")
            try tx.run("INSERT INTO t VALUES (\(1))")
        }
        let inside = DispatchSemaphore(value: 0), written = DispatchSemaphore(value: 0)
        async let seen = db.read { tx in
            let before = try tx.rows("SELECT a FROM t", as: Int.self)
            inside.signal()
            written.wait()
            return try (before, tx.rows("SELECT a FROM t", as: Int.self))
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { inside.wait(); continuation.resume() }
        }
        try await db.transaction { try $0.run("INSERT INTO t VALUES (\(2))") }
        written.signal()
        let (before, after) = try await seen
        #expect(before == [1] && after == [1])
        await #expect(throws: (any Error).self) { try await db.read { try $0.run("INSERT INTO t VALUES (\(3))") } }
        #expect(try await db.read { try $0.rows("SELECT a FROM t ORDER BY a", as: Int.self) } == [1, 2])
    }

    @Test(arguments: TestDatabase.allCases)
    func changesAreCounted(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE t (a \(.integer), f \(.boolean) NOT NULL DEFAULT FALSE)")
            #expect(try tx.changes("INSERT INTO t (a) VALUES (\(1)), (\(2))") == 2)
            #expect(try tx.changes("UPDATE t SET f = \(true) WHERE a = \(1)") == 1)
            #expect(try tx.changes("UPDATE t SET f = \(true) WHERE a = \(7)") == 0)
            #expect(try tx.rows("SELECT f FROM t ORDER BY a", as: Bool.self) == [true, false])
            #expect(try tx.rows("UPDATE t SET a = a + 10 WHERE f RETURNING a", as: Int.self) == [11])
            let now = try tx.now
            #expect(abs(Double(now) / 1000 - Date().timeIntervalSince1970) < 5)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func constraintsHaveTypes(kind: TestDatabase) async throws {
        let db = try await kind.open()
        try await db.transaction { tx in
            try tx.run("CREATE TABLE p (a \(.integer) PRIMARY KEY)")
            try tx.run("CREATE TABLE t (a \(.integer) NOT NULL REFERENCES p (a), b \(.text), UNIQUE (b))")
            try tx.run("INSERT INTO p VALUES (1)")
        }
        func kindOfError(_ sql: SQL) async throws -> String {
            do {
                try await db.transaction { try $0.run(sql) }
                return "none"
            } catch DatabaseError.uniqueViolation { return "unique" }
            catch DatabaseError.foreignKeyViolation { return "foreign" }
            catch DatabaseError.constraintViolation { return "constraint" }
            catch DatabaseError.failed { return "failed" }
        }
        #expect(try await kindOfError("INSERT INTO t VALUES (1, 'x')") == "none")
        #expect(try await kindOfError("INSERT INTO t VALUES (1, 'x')") == "unique")
        #expect(try await kindOfError("INSERT INTO t VALUES (2, 'y')") == "foreign")
        #expect(try await kindOfError("INSERT INTO t (b) VALUES ('z')") == "constraint")
        #expect(try await kindOfError("INSERT INTO nowhere VALUES (1)") == "failed")
    }
}
