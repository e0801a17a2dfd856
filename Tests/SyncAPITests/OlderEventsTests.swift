import Delivery
import Matrix
import SQL
import TestSupport
import Testing

@testable import SyncAPI

/// What was stored before relations and words were kept.
@Suite struct OlderEventsTests {
    @Test(arguments: TestDatabase.allCases) func whatAnOlderReleaseStoredIsFound(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let past = try await Past(world)
            let before = try await world.index()
            #expect(before.relations.count == 5 && before.words.count == 9)
            await world.stop(1)
            try await world.goBack()
            try await world.replaceSync()
            try await world.awaitOlderEvents()
            #expect(try await world.index() == before)
            #expect(try await world.relations(of: past.root, in: past.room, "m.thread").chunk.ids == [past.second, past.first])
            #expect(try await world.relations(of: past.root, in: past.room, "m.annotation").chunk.ids == [past.reaction])
            #expect(try await world.bundle(of: past.first, in: past.room)?["m.replace"]?["event_id"]?.string == past.edit)
            #expect(try await world.search("needle").ids == [past.edit, past.root])
            #expect(try await world.search("secret").ids.isEmpty)
            // What comes now is counted once, and what is past can still be redacted.
            try await world.relate("m.thread", to: past.root, in: past.room)
            try await world.redact(past.first, in: past.room)
            #expect(try await world.bundle(of: past.root, in: past.room)?["m.thread"]?["count"]?.integer == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoeverTakesOverGoesOnWhereTheOtherWasKilled(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let past = try await Past(world)
            let before = try await world.index()
            await world.stop(1)
            try await world.goBack()
            try await world.database.migrate("syncapi", SyncMigrations.all)
            let leases = SyncPosition().leases, database = world.database
            func take() async throws -> Lease {
                try await #require(
                    database.transaction {
                        try leases.acquire(SyncPosition.leaseName, holder: "test", whoeverHasIt: true, in: $0)
                    })
            }
            let killed = OlderEvents(lease: try await take(), leases: leases, database: database, logger: quiet, batch: 4)
            #expect(try await killed.step())
            #expect(try await killed.step())
            let half = try await world.index()
            #expect(!half.relations.isEmpty && half.relations.count < before.relations.count)
            let next = OlderEvents(lease: try await take(), leases: leases, database: database, logger: quiet, batch: 4)
            await #expect(throws: LeaseLost.self) { try await killed.step() }
            #expect(try await next.step())
            let nearly = try await world.index()
            #expect(nearly.relations.starts(with: half.relations) && nearly.relations.count + nearly.words.count < 14)
            try await database.transaction { try leases.release(next.lease, in: $0) }
            try await world.replaceSync()
            try await world.awaitOlderEvents()
            #expect(try await world.index() == before)
            #expect(try await world.relations(of: past.root, in: past.room, "m.thread").chunk.ids == [past.second, past.first])
            // Nothing is left to do, also where what is known is asked for again.
            try await database.transaction { tx in try tx.run("UPDATE syncapi_progress SET position = 0 WHERE name = 'older events'") }
            await world.stop(2)
            try await world.replaceSync()
            try await world.awaitOlderEvents()
            #expect(try await world.index() == before)
        }
    }
}

/// A room with something of everything.
private struct Past {
    let room: String, root: String, first: String, second: String, edit: String, reaction: String

    init(_ world: World) async throws {
        room = try await world.createRoom()
        root = try await world.say("a needle in the hay", in: room)
        first = try await world.relate("m.thread", to: root, in: room)
        let gone = try await world.relate("m.thread", to: root, in: room)
        second = try await world.relate("m.thread", to: root, in: room)
        edit = try await world.edit(first, "one more needle", in: room)
        reaction = try await world.relate("m.annotation", to: root, in: room, "m.reaction", ["key": "x"])
        try await world.relate("m.reference", to: root, in: room, "org.example")
        let secret = try await world.say("secret", in: room)
        for event in [gone, secret] { try await world.redact(event, in: room) }
        try await world.send(room, "m.room.name", ["name": "Barn"], state: "")
        try await world.send(room, "m.room.topic", ["topic": "Hay"], state: "")
        for text in ["one", "two", "three"] { try await world.say(text, in: room) }
        // All of it has come.
        _ = try await world.sync()
    }
}

extension World {
    /// What events are found by, as it is stored.
    struct Index: Equatable {
        var relations: [String] = []
        var threads: [String] = []
        var words: [String] = []
        var inFTS: Int64 = 0
    }

    fileprivate func index() async throws -> Index {
        try await database.read { tx in
            var index = Index()
            index.relations = try tx.rows("""
                SELECT position, parent_id, rel_type, child_id, is_replacement FROM syncapi_relations ORDER BY position
                """, as: Int64.self, String.self, String.self, String.self, Bool.self).map { "\($0)" }
            index.threads = try tx.rows("""
                SELECT root_id, last_position, replies FROM syncapi_threads ORDER BY root_id
                """, as: String.self, Int64.self, Int64.self).map { "\($0)" }
            index.words = try tx.rows("SELECT position, key FROM syncapi_search ORDER BY position", as: Int64.self, String.self)
                .map { "\($0)" }
            if tx.dialect == .sqlite { index.inFTS = try tx.row("SELECT COUNT(*) FROM syncapi_search_words", as: Int64.self) ?? 0 }
            return index
        }
    }

    /// Takes the schema back to where it was before anything was kept beside the events.
    fileprivate func goBack() async throws {
        let later = SyncMigrations.all.map(\.name).drop { $0 != "0002 relations" }
        try await database.transaction { tx in
            var tables = [
                "relations", "threads", "search", "notifications", "notification_differences", "push_rules", "push_rules_members",
                "presence", "presence_syncs", "presence_replicas", "erased", "progress",
            ]
            if tx.dialect == .sqlite { tables.append("search_words") }
            for table in tables { try tx.run("DROP TABLE \(name: "syncapi_" + table)") }
            try tx.run("DROP INDEX syncapi_current_state_without_members")
            try tx.run("ALTER TABLE syncapi_rooms DROP COLUMN has_erased")
            try tx.run("DROP INDEX syncapi_events_time")
            try tx.run("ALTER TABLE syncapi_events DROP COLUMN origin_server_ts")
            try tx.run("DELETE FROM syncapi_migrations WHERE name \(anyOf: Array(later))")
        }
    }

    fileprivate func awaitOlderEvents() async throws {
        while try await database.read({ try ProgressTable.progress(of: "older events", in: $0)?.isDone }) != true {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
