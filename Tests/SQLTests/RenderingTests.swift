import Testing

@testable import SQL

@Suite struct RenderingTests {
    @Test(arguments: [
        (Dialect.postgres, "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d IN (SELECT * FROM unnest($3, $4) AS u(column1, column2))"),
        (Dialect.sqlite, "SELECT a FROM t WHERE b = ?1 AND c IN (SELECT value FROM json_each(?2)) AND d IN (VALUES (?3, ?4), (?5, ?6))"),
    ])
    func valuesBecomeParameters(dialect: Dialect, text: String) {
        let part: SQL = "c \(anyOf: [1, 2])"
        let sql: SQL = "SELECT a FROM \(name: "t") WHERE b = \("x") AND \(sql: part) AND d IN (\(rows: [[1, "a"], [2, String?.none]]))"
        let rendered = sql.rendered(for: dialect)
        #expect(rendered.text == text)
        let before: [RenderedSQL.Argument] = [.value(.text("x"), .text), .list(.integers([1, 2]))]
        let rows: [RenderedSQL.Argument] =
            dialect == .postgres
            ? [.column([.integer(1), .integer(2)], .integer), .column([.text("a"), .null], .text)]
            : [
                .value(.integer(1), .integer), .value(.text("a"), .text), .value(.integer(2), .integer), .value(.null, .text),
            ]
        #expect(rendered.arguments == before + rows)
        #expect(!rendered.dependsOnCount)
        let many: SQL = "\(rows: (0..<9).map { [$0] })"
        #expect(many.rendered(for: dialect).dependsOnCount == (dialect == .sqlite))
    }

    @Test func theStatementLongestUnusedMakesRoom() {
        var cache = StatementCache(limit: 2)
        func key(_ text: String) -> StatementCache.Key { StatementCache.Key(text: text, types: []) }
        cache.insert("s1", for: key("a"))
        cache.insert("s2", for: key("b"))
        #expect(cache.name(for: key("a")) == "s1")
        #expect(cache.evictIfFull() == "s2")
        #expect(cache.name(for: key("b")) == nil)
        #expect(cache.evictIfFull() == nil)
    }

    @Test func aQueueKeepsItsOrder() {
        var queue = FIFO<Int>()
        for number in 0..<200 { queue.append(number) }
        #expect((0..<150).map { _ in queue.popFirst() } == (0..<150).map { $0 })
        #expect(queue.removeAll { $0 % 2 == 0 }.count == 25)
        queue.append(7)
        #expect(queue.count == 26)
        #expect(queue.popFirst() == 151)
        #expect(queue.removeAll().last == 7)
        #expect(queue.isEmpty && queue.popFirst() == nil)
    }
}
