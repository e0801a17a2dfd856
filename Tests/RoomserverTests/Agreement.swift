import Matrix
import RoomRules
import SQL
import Testing

@testable import Roomserver

/// What is told twice in the roomserver's tables is told alike: the current state, the state groups, the memberships and
/// the numbers in the rooms' rows.
func expectTablesToAgree(_ database: Database) async throws {
    try await database.read { tx in
        let roomIDs = try tx.rows("SELECT room_id FROM roomserver_rooms", as: String.self)
        for roomID in roomIDs {
            guard let room = try RoomTable.find(roomID, tx) else { continue }
            let current = try tx.rows(
                "SELECT type, state_key, event_nid, membership FROM roomserver_current_state WHERE room_nid = \(room.nid)",
                as: String.self, String.self, Int64.self, String?.self)
            let state = Dictionary(current.map { (StateKey($0.0, $0.1), $0.2) }) { first, _ in first }
            #expect(try StateGroupTable.read(room.stateGroup, room: room.nid, tx) == state)
            #expect(room.stateSize == Int64(current.count))
            let chain = try tx.row(
                "\(sql: StateGroupTable.chain(from: room.stateGroup, room: room.nid)) SELECT count(*) FROM chain", as: Int64.self)
            #expect((chain ?? 0) <= StateGroupTests.longestChain(to: room.stateGroup))

            let members = current.filter { $0.0 == "m.room.member" }
            let memberships = try tx.rows(
                "SELECT user_id, membership, event_nid FROM roomserver_membership WHERE room_nid = \(room.nid)",
                as: String.self, String.self, Int64.self)
            #expect(Set(members.map { "\($0.1) \($0.3 ?? "") \($0.2)" }) == Set(memberships.map { "\($0.0) \($0.1) \($0.2)" }))
            #expect(room.joinedMembers == Int64(members.filter { $0.3 == "join" }.count))

            let events = try tx.row(
                "SELECT count(*), max(depth) FROM roomserver_events WHERE room_nid = \(room.nid)", as: Int64.self, Int64.self)
            #expect(events?.1 == room.depth)
            let told = try tx.row(
                "SELECT count(*), max(seq) FROM roomserver_outbox WHERE key = \(room.roomID)", as: Int64.self, Int64.self)
            #expect(told?.0 == room.seq && told?.1 == room.seq)
            let messages = try tx.rows("SELECT message FROM roomserver_outbox WHERE key = \(room.roomID)", as: [UInt8].self)
            let forgotten = messages.count { $0.starts(with: Array(#"{"forgotten"#.utf8)) }
            #expect((events?.0 ?? 0) + Int64(forgotten) == room.seq)
        }
    }
}
