import Contracts
import Matrix
import TestSupport
import Testing

@testable import Roomserver

@Suite struct ReportTests {
    @Test(arguments: TestDatabase.allCases) func reportsAreKeptOnce(kind: TestDatabase) async throws {
        try await kind.with { database in
            let rooms = try await makeRoomserver(database)
            let room = try await rooms.createRoom()
            let event = try await rooms.send(message("bad"), to: room)
            try await rooms.move(.join, bob, in: room)
            let report = Report(
                key: "one", reporter: bob, subject: .event(roomID: room, eventID: event), reason: "spam\0", score: -100)
            _ = try await rooms.call(report)
            _ = try await rooms.call(report)
            _ = try await rooms.call(Report(key: "two", reporter: carol, subject: .room(roomID: room), reason: ""))
            _ = try await rooms.call(Report(key: "three", reporter: carol, subject: .user(userID: bob), reason: "rude"))
            let kept = try await database.read { tx in
                try tx.rows(
                    "SELECT reporter, room_id, event_id, user_id, reason FROM roomserver_reports ORDER BY report_nid",
                    as: String.self, String?.self, String?.self, String?.self, String?.self
                ).map { [$0.0, $0.1, $0.2, $0.3, $0.4] }
            }
            #expect(kept == [[bob, room, event, nil, "spam"], [carol, room, nil, nil, ""], [carol, nil, nil, bob, "rude"]])
        }
    }

    @Test func onlyWhatAMemberMaySeeIsReported() async throws {
        try await withRoomserver(.sqlite) { rooms in
            let room = try await rooms.createRoom()
            let event = try await rooms.send(message("bad"), to: room)
            func report(_ subject: Report.Subject, by user: String) -> Report {
                Report(key: "\(subject) \(user)", reporter: user, subject: subject, reason: nil)
            }
            #expect(await refusal { try await rooms.call(report(.event(roomID: room, eventID: event), by: bob)) } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.call(report(.event(roomID: room, eventID: "$x"), by: alice)) } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.call(report(.room(roomID: "!x:example.org"), by: alice)) } == "M_NOT_FOUND")
        }
    }
}
