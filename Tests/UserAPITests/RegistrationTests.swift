import Contracts
import Matrix
import Synchronization
import TestSupport
import Testing
import Topics

@Suite struct RegistrationTests {
    @Test(arguments: TestDatabase.allCases)
    func aRegisteredUserIsKnownByTheirToken(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let reply = try await test.register("alice")
            #expect(reply.userID == "@alice:test")
            let owner = try await test.users.call(QueryAccessToken(token: "alice's token"))
            #expect(owner == .init(userID: "@alice:test", deviceID: reply.deviceID ?? "", kind: .user, isAdmin: false))
            #expect(await errcode { _ = try await test.users.call(QueryAccessToken(token: "another")) } == "M_UNKNOWN_TOKEN")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theSameRegistrationSentTwiceAnswersAlike(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let first = try await test.register("alice")
            #expect(try await test.register("alice") == first)
            #expect(try await test.users.call(QueryDevices(userID: "@alice:test")).devices.count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aKeyMakesARegistrationWithoutNameOrDeviceTheSame(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let call = RegisterAccount(
                localpart: nil, password: "correct horse", kind: .user, isAdmin: false, device: nil, key: "a session")
            let first = try await test.users.call(call)
            #expect(try await test.users.call(call) == first)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func ofManyWhoWantANameOneGetsIt(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        await errcode {
                            _ = try await test.users.call(
                                RegisterAccount(
                                    localpart: "wanted", password: "correct horse", kind: .user, isAdmin: false,
                                    device: NewDevice(accessToken: "token \(number)")))
                        }
                    }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == "M_USER_IN_USE" }.count == 7)
        }
    }

    @Test(arguments: ["", "Capital", "us,er", "_bridge", "12345", "spa ce", "é", String(repeating: "a", count: 250)])
    func theseNamesAreNotGiven(name: String) async throws {
        try await TestUsers.on(.sqlite) { test in
            #expect(await errcode { try await test.register(name) } == "M_INVALID_USERNAME")
            #expect(
                await errcode { _ = try await test.users.call(QueryAccountAvailability(localpart: name)) }
                    == "M_INVALID_USERNAME")
        }
    }

    @Test func aTakenNameIsNotAvailable() async throws {
        try await TestUsers.on(.sqlite) { test in
            _ = try await test.users.call(QueryAccountAvailability(localpart: "alice"))
            try await test.register("alice")
            #expect(
                await errcode { _ = try await test.users.call(QueryAccountAvailability(localpart: "alice")) } == "M_USER_IN_USE")
        }
    }

    @Test func aGuestHasANumberForAName() async throws {
        try await TestUsers.on(.sqlite) { test in
            let guest = try await test.users.call(
                RegisterAccount(
                    localpart: nil, password: nil, kind: .guest, isAdmin: false, device: NewDevice(accessToken: "guest's")))
            #expect(UserID(guest.userID)?.localpart.allSatisfy(\.isNumber) == true)
            #expect(try await test.users.call(QueryAccessToken(token: "guest's")).kind == .guest)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func anAccountHasPushRulesAndTellsOfThem(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            let rules = try await test.users.call(QueryPushRules(userID: "@alice:test")).rules
            #expect(rules.object?["global"]?["override"]?[0]?["rule_id"] == ".m.rule.master")
            let log = try await test.users.call(QueryClientDataOutput(userID: "@alice:test", after: 0)).messages
            #expect(log.map(\.seq) == [1])
            let told = try JSONCoder.decode(ClientData.self, from: log[0].message)
            #expect(told == ClientData(userID: "@alice:test", roomID: nil, type: "m.push_rules", content: rules))
            let heads = try await test.users.call(QueryClientDataHeads(changedSince: 0)).heads
            #expect(heads == [.init(userID: "@alice:test", seq: 1)])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aNonceIsGoodOnce(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let nonce = try await test.users.call(CreateRegistrationNonce()).nonce
            _ = try await test.users.call(SpendRegistrationNonce(nonce: nonce))
            #expect(await errcode { _ = try await test.users.call(SpendRegistrationNonce(nonce: nonce)) } == "M_UNKNOWN")
            #expect(await errcode { _ = try await test.users.call(SpendRegistrationNonce(nonce: "made up")) } == "M_UNKNOWN")
        }
    }
}
