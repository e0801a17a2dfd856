import Testing

@testable import SQL

@Suite struct ConnectionStringTests {
    @Test(arguments: [
        ("file:x.db", "x.db"), ("file:/var/x.db", "/var/x.db"), ("file:///var/x.db", "/var/x.db"),
        ("file:./data/x%20y.db?_journal=WAL&cache=shared", "./data/x y.db"),
    ])
    func filesAreNamedAsGoNamesThem(text: String, path: String) throws {
        #expect(try ConnectionString(text) == .sqlite(path: path))
    }

    @Test(arguments: [
        "postgres://user:pass@localhost/db?sslmode=disable", "postgresql:///db", "postgresql://u@/db?host=/run/postgresql",
        "postgresql://a:1,b:2/db?target_session_attrs=read-write",
    ])
    func whatLibpqReadsIsPostgreSQL(text: String) throws {
        #expect(try ConnectionString(text) == .postgres(uri: text))
    }

    @Test(arguments: ["", "x.db", "mysql://x", "file:", "file::memory:", "file:a%00b", "file:a%zz", "postgres://h:port/db?nonsense=1"])
    func theRestIsRefusedWithoutRepeatingPasswords(text: String) {
        #expect(throws: DatabaseError.self) { try ConnectionString(text) }
    }

    @Test func aPasswordIsNotToldWhenTheStringIsRefused() {
        do {
            _ = try ConnectionString("postgres://u:secret@h/db?nonsense=1")
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("secret"))
        }
    }
}
