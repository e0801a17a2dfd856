import Contracts
import Matrix
import RoomRules
import SQL
import TestSupport
import Testing

@testable import Roomserver

@Suite struct StateGroupTests {
    /// 15 for each digit of the number to the base of 16.
    static func longestChain(to group: Int64) -> Int64 { 15 * Int64(String(group, radix: 16).count) }

    @Test func aGroupReachesBackByItsNumber() {
        #expect(StateGroupTable.base(of: 7, stateSize: 1000) == 6)
        #expect(StateGroupTable.base(of: 32, stateSize: 1000) == 16)
        #expect(StateGroupTable.base(of: 512, stateSize: 1000) == 256)
        #expect(StateGroupTable.base(of: 8192, stateSize: 100_000) == 4096)
        // Over as many changes as there is state: all of it.
        #expect(StateGroupTable.base(of: 32, stateSize: 16) == 0)
        #expect(StateGroupTable.base(of: 8192, stateSize: 4096) == 0)
    }

    @Test(arguments: TestDatabase.allCases, [5, 5000]) func everyGroupIsTheStateAtItsTime(kind: TestDatabase, keys: Int) async throws {
        try await withRoomserver(kind) { rooms in
            let room = try await rooms.createRoom()
            let before = try await rooms.storage.read { try RoomTable.find(room, $0) }
            // Alone and together, the same places again and again or ever new ones.
            var number = 0, told: [(key: StateKey, eventID: String)] = []
            for size in [1, 15, 16, 17, 100, 1, 150] {
                let drafts = (0..<size).map { offset in
                    draft("org.example", ["number": .integer(Int64(number + offset))], state: "\((number + offset) % keys)")
                }
                let eventIDs = try await rooms.call(SendEvents(roomID: room, drafts: drafts, transaction: nil)).eventIDs
                told += zip(drafts, eventIDs).map { (StateKey($0.type, $0.stateKey ?? ""), $1) }
                number += size
            }

            let events = told
            try await rooms.storage.read { tx in
                let row = try #require(try RoomTable.find(room, tx)), first = try #require(before)
                var state = try StateGroupTable.read(first.stateGroup, room: row.nid, tx)
                for (offset, event) in events.enumerated() {
                    state[event.key] = try EventTable.find(event.eventID, in: row, tx)?.nid
                    let group = first.stateGroup + Int64(offset) + 1
                    #expect(try StateGroupTable.read(group, room: row.nid, tx) == state)
                    let length = try tx.row(
                        "\(sql: StateGroupTable.chain(from: group, room: row.nid)) SELECT count(*) FROM chain", as: Int64.self)
                    #expect((length ?? 0) <= Self.longestChain(to: group))
                }
                #expect(row.stateGroup == first.stateGroup + Int64(events.count))
                // One row for each of the three digits, at most.
                let rows = try tx.row("SELECT count(*) FROM roomserver_state_entries", as: Int64.self) ?? 0
                #expect(rows <= 3 * row.stateGroup)
            }
        }
    }

    @Test func chainsOfEarlierReleasesAreReadAndEnd() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom()
            for number in 0..<40 { try await rooms.send(draft("org.example", state: "\(number)"), to: room) }
            // As the release before left it: one step each, and no base.
            try await rooms.storage.write { tx in
                try tx.run("UPDATE roomserver_state_groups SET prev_group = CASE WHEN state_group > 1 THEN state_group - 1 END")
                try tx.run(
                    """
                    DELETE FROM roomserver_state_entries WHERE NOT EXISTS (
                        SELECT 1 FROM roomserver_events e WHERE e.event_nid = roomserver_state_entries.event_nid
                            AND e.state_after = roomserver_state_entries.state_group)
                    """)
            }
            for number in 40..<300 { try await rooms.send(draft("org.example", state: "\(number)"), to: room) }
        }
    }
}
