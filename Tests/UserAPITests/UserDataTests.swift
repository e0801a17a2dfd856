import Contracts
import Matrix
import TestSupport
import Testing
import Topics

@Suite struct UserDataTests {
    @Test(arguments: TestDatabase.allCases)
    func profilesHoldAnyFieldUpToABound(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            func set(_ field: String, _ value: JSON?) async throws {
                _ = try await test.users.call(
                    SetProfileField(userID: "@alice:test", field: field, value: value.map { RawJSON($0) }))
            }
            func fields() async throws -> JSONObject? {
                try await test.users.call(QueryProfile(userID: "@alice:test")).fields.object
            }
            #expect(try await fields() == ["displayname": "alice"])
            try await set("displayname", "Alice")
            try await set("org.example.list", [1, ["a": nil]])
            #expect(try await fields() == ["displayname": "Alice", "org.example.list": [1, ["a": nil]]])
            try await set("displayname", nil)
            try await set("displayname", nil)
            #expect(try await fields() == ["org.example.list": [1, ["a": nil]]])
            let large = JSON.string(String(repeating: "x", count: 65_500))
            #expect(await errcode { try await set("org.example.large", large) } == "M_PROFILE_TOO_LARGE")
            #expect(await errcode { _ = try await test.users.call(QueryProfile(userID: "@bob:test")) } == "M_NOT_FOUND")
            let both = QueryProfile(userID: "@alice:test", wantsInvitePermission: true)
            #expect(try await test.users.call(both).invitePermission == nil)
            let permission = RawJSON(["default_action": "block"] as JSONObject)
            _ = try await test.users.call(
                SetAccountData(userID: "@alice:test", roomID: nil, type: "m.invite_permission_config", content: permission))
            #expect(try await test.users.call(both).invitePermission?.object == permission.object)
            #expect(try await test.users.call(both).fields == test.users.call(QueryProfile(userID: "@alice:test")).fields)
            #expect(await errcode { _ = try await test.users.call(QueryProfile(userID: "@bob:test", wantsInvitePermission: true)) } == "M_NOT_FOUND")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func fieldsSetAtOnceAreAllKept(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        _ = try await test.users.call(
                            SetProfileField(userID: "@alice:test", field: "org.example.f\(number)", value: RawJSON(.integer(1))))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await test.users.call(QueryProfile(userID: "@alice:test")).fields.object?.count == 11)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func accountDataIsKeptByRoomAndToldInOrder(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            let rooms: [String?] = [nil, "!a:test", "!b:test"]
            for (number, room) in rooms.enumerated() {
                let content = RawJSON(["n": .integer(Int64(number)), "zero": "\0"] as JSONObject)
                _ = try await test.users.call(
                    SetAccountData(userID: "@alice:test", roomID: room, type: "org.example", content: content))
            }
            for (number, room) in rooms.enumerated() {
                let found = try await test.users.call(
                    QueryAccountData(userID: "@alice:test", roomID: room, type: "org.example")
                ).content.object
                #expect(found?["n"] == .integer(Int64(number)))
            }
            let log = try await test.users.call(QueryClientDataOutput(userID: "@alice:test", after: 1)).messages
            #expect(log.map(\.seq) == [2, 3, 4])
            let told = try log.map { try JSONCoder.decode(ClientData.self, from: $0.message) }
            #expect(told.map(\.roomID) == rooms)
            #expect(
                await errcode {
                    _ = try await test.users.call(QueryAccountData(userID: "@alice:test", roomID: nil, type: "org.other"))
                } == "M_NOT_FOUND")
        }
    }

    @Test func accountDataIsBoundedAndSomebodys() async throws {
        try await TestUsers.on(.sqlite) { test in
            try await test.register("alice")
            func set(_ user: String, _ content: JSON) async -> String? {
                await errcode {
                    _ = try await test.users.call(
                        SetAccountData(userID: user, roomID: nil, type: "org.example", content: RawJSON(content)))
                }
            }
            #expect(await set("@alice:test", ["x": .string(String(repeating: "x", count: 200_000))]) == "M_TOO_LARGE")
            #expect(await set("@alice:test", [1]) == "M_BAD_JSON")
            #expect(await set("@bob:test", [:]) == "M_NOT_FOUND")
        }
    }

    @Test func whatIsSetIsPublishedUnderItsNumber() async throws {
        try await TestUsers.on(.sqlite) { test in
            let services = test.users.services
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in services { group.addTask { try await service.run() } }
                try await test.register("alice")
                let content = RawJSON(["a": 1] as JSONObject)
                _ = try await test.users.call(
                    SetAccountData(userID: "@alice:test", roomID: nil, type: "org.example", content: content))
                var arrivals = test.bus.arrivals.makeAsyncIterator()
                for seq: Int64 in 1...2 {
                    let published = await arrivals.next()
                    #expect(published?.topic == "OutputClientData" && published?.key == "@alice:test" && published?.seq == seq)
                }
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }
}
