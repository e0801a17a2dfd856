import Contracts
import Logging
import Matrix
import TestSupport
import Testing
import Topics
import UserAPI

@Suite struct DeviceTests {
    @Test(arguments: TestDatabase.allCases)
    func aDeviceThatLogsInAgainGetsANewTokenAndKeepsItsName(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            for (token, name) in [("one", "first name"), ("two", "second name")] {
                let device = NewDevice(accessToken: token, deviceID: "PHONE", displayName: name, ipAddress: "127.0.0.1")
                #expect(try await test.users.call(CreateDevice(userID: "@alice:test", device: device)).deviceID == "PHONE")
            }
            #expect(try await !test.isLoggedIn("one"))
            #expect(try await test.isLoggedIn("two"))
            let devices = try await test.users.call(QueryDevices(userID: "@alice:test", deviceID: "PHONE")).devices
            #expect(devices.map(\.displayName) == ["first name"])
            #expect(devices[0].lastSeenIP == "127.0.0.1" && devices[0].lastSeenTS != nil)
            let told = try test.bus.signalled.map { try JSONCoder.decode(DevicesGone.self, from: $0) }
            #expect(told == [DevicesGone(userID: "@alice:test", deviceIDs: ["PHONE"])])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func loggingInTwiceWithOneTokenMakesOneDevice(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            let call = CreateDevice(userID: "@alice:test", device: NewDevice(accessToken: "token"))
            let first = try await test.users.call(call)
            #expect(try await test.users.call(call) == first)
            #expect(try await test.users.call(QueryDevices(userID: "@alice:test")).devices.count == 2)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whoIsLoggedInTooOftenLogsOutFirst(on kind: TestDatabase) async throws {
        try await kind.with { database in
            var config = UserAPIConfig(serverName: "test", bcryptCost: 4)
            config.mostDevices = 2
            let users = try await UserServer(config: config, database: database, bus: RecordingBus(), logger: Logger(label: "tests"))
            _ = try await users.call(
                RegisterAccount(
                    localpart: "alice", password: "correct horse", kind: .user, isAdmin: false,
                    device: NewDevice(accessToken: "1", deviceID: "ONE")))
            func logIn(_ deviceID: String) async throws {
                _ = try await users.call(
                    CreateDevice(userID: "@alice:test", device: NewDevice(accessToken: "\(deviceID)'s", deviceID: deviceID)))
            }
            try await logIn("TWO")
            await #expect(throws: MatrixError.self) { try await logIn("THREE") }
            try await logIn("ONE")
            _ = try await users.call(DeleteDevices(userID: "@alice:test", deviceIDs: ["TWO"]))
            try await logIn("THREE")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func devicesAreRenamedAndDeleted(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            for id in ["A", "B", "C"] {
                let device = NewDevice(accessToken: id, deviceID: id)
                _ = try await test.users.call(CreateDevice(userID: "@alice:test", device: device))
            }
            _ = try await test.users.call(UpdateDevice(userID: "@alice:test", deviceID: "A", displayName: "kitchen"))
            #expect(
                try await test.users.call(QueryDevices(userID: "@alice:test", deviceID: "A")).devices[0].displayName == "kitchen")
            #expect(
                await errcode {
                    _ = try await test.users.call(UpdateDevice(userID: "@bob:test", deviceID: "A", displayName: "stolen"))
                } == "M_NOT_FOUND")
            _ = try await test.users.call(DeleteDevices(userID: "@alice:test", deviceIDs: ["A", "B", "unknown"]))
            #expect(try await !test.isLoggedIn("A"))
            #expect(try await !test.isLoggedIn("B"))
            #expect(try await test.isLoggedIn("C"))
            _ = try await test.users.call(DeleteDevices(userID: "@alice:test", deviceIDs: nil))
            #expect(try await test.users.call(QueryDevices(userID: "@alice:test")).devices == [])
            #expect(
                await errcode {
                    _ = try await test.users.call(QueryDevices(userID: "@alice:test", deviceID: "C"))
                } == "M_NOT_FOUND")
        }
    }

    @Test func aDeviceOfNobodyIsNotMade() async throws {
        try await TestUsers.on(.sqlite) { test in
            let call = CreateDevice(userID: "@nobody:test", device: NewDevice(accessToken: "token"))
            #expect(await errcode { _ = try await test.users.call(call) } == "M_NOT_FOUND")
        }
    }
}
