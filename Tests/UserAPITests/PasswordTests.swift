import Contracts
import Matrix
import TestSupport
import Testing

@testable import UserAPI

@Suite struct PasswordTests {
    @Test(arguments: TestDatabase.allCases)
    func aPasswordOpensItsAccountAlone(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice", password: "pässword")
            try await test.register("bob", password: "another")
            for name in ["alice", "@alice:test", "Alice"] {
                let call = AuthenticatePassword(user: name, password: "pässword")
                #expect(try await test.users.call(call).userID == "@alice:test")
            }
            for (user, password) in [
                ("alice", "password"), ("bob", "pässword"), ("carol", "pässword"), ("@alice:elsewhere", "pässword"),
                ("alice", ""), ("alice", String(repeating: "x", count: 10_000)), ("a\0lice", "pässword"),
            ] {
                let call = AuthenticatePassword(user: user, password: password)
                #expect(await errcode { _ = try await test.users.call(call) } == "M_FORBIDDEN")
            }
        }
    }

    @Test func longPasswordsAreReadToTheirEnd() async throws {
        let passwords = Passwords(cost: 4)
        let beginning = String(repeating: "a", count: 80)
        let hash = try await passwords.hash(beginning + "b")
        #expect(try await passwords.verify(beginning + "b", against: hash))
        #expect(try await !passwords.verify(beginning + "c", against: hash))
    }

    @Test func passwordsAreReadBeyondAZero() async throws {
        let passwords = Passwords(cost: 4)
        let hash = try await passwords.hash("a\0b")
        #expect(try await passwords.verify("a\0b", against: hash))
        #expect(try await !passwords.verify("a\0c", against: hash))
        #expect(try await !passwords.verify("a", against: hash))
    }

    @Test func hashesAreBcryptsAndSalted() async throws {
        let passwords = Passwords(cost: 5)
        let first = try await passwords.hash("secret"), second = try await passwords.hash("secret")
        #expect(first.hasPrefix("$2b$05$") && first.count == 60)
        #expect(first != second)
    }

    @Test func nobodysHashIsOneThatTakesAsLongAsAny() async throws {
        let passwords = Passwords(cost: 4)
        #expect(try await !passwords.verify("secret", against: nil))
        #expect(try !Bcrypt.verify("secret", against: Bcrypt.ofNobody(cost: 4)))
        #expect(try !Bcrypt.verify("secret", against: Bcrypt.ofNobody(cost: 11)))
    }

    @Test func tooManyAtOnceAreRefused() async throws {
        let threads = PasswordThreads(threads: 1, longestQueue: 1)
        let results = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await errcode { _ = try await threads.run { try Bcrypt.hash("secret", cost: 6) } }
                }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(results.contains(nil))
        #expect(results.contains("M_UNKNOWN"))
    }

    @Test(arguments: TestDatabase.allCases)
    func aNewPasswordLogsTheOtherDevicesOut(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            let first = try await test.register("alice", password: "old")
            _ = try await test.users.call(CreateDevice(userID: "@alice:test", device: NewDevice(accessToken: "second")))
            _ = try await test.users.call(
                SetPassword(
                    userID: "@alice:test", password: "new", logoutDevices: true, keptDeviceID: first.deviceID))
            #expect(try await test.isLoggedIn("alice's token"))
            #expect(try await !test.isLoggedIn("second"))
            #expect(test.bus.signalled.count == 1)
            #expect(
                await errcode {
                    _ = try await test.users.call(AuthenticatePassword(user: "alice", password: "old"))
                } == "M_FORBIDDEN")
            _ = try await test.users.call(AuthenticatePassword(user: "alice", password: "new"))
        }
    }
}
