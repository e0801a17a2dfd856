import Contracts
import Foundation
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import TestSupport
import Testing
import Web

/// The same answers reach a caller in another process.
@Suite(.timeLimit(.minutes(2))) struct OverHTTPTests {
    @Test func aLifeOfAnAccount() async throws {
        try await overHTTP { users in
            let device = NewDevice(accessToken: "a token", displayName: "phone")
            let registered = try await users.call(
                RegisterAccount(
                    localpart: "alice", password: "pässword", kind: .user, isAdmin: true, device: device))
            #expect(registered.userID == "@alice:test")
            let owner = try await users.call(QueryAccessToken(token: "a token"))
            #expect(owner.isAdmin && owner.deviceID == registered.deviceID)
            let content = RawJSON(["float": 1.5, "text": "\u{0}ä"] as JSONObject)
            _ = try await users.call(
                SetAccountData(userID: "@alice:test", roomID: nil, type: "org.example", content: content))
            let found = try await users.call(QueryAccountData(userID: "@alice:test", roomID: nil, type: "org.example"))
            #expect(found.content == content)
            let session = try await users.call(
                StartAuthentication(operation: "POST /x", userID: nil, parameters: content)
            ).session
            #expect(try await users.call(QueryAuthentication(session: session)).parameters == content)
            _ = try await users.call(SetProfileField(userID: "@alice:test", field: "displayname", value: nil))
            #expect(try await users.call(QueryProfile(userID: "@alice:test")).fields.object == [:])
            #expect(try await users.call(QueryClientDataHeads(changedSince: 0)).heads == [.init(userID: "@alice:test", seq: 2)])
            _ = try await users.call(DeleteDevices(userID: "@alice:test", deviceIDs: nil))
            #expect(await errcode { _ = try await users.call(QueryAccessToken(token: "a token")) } == "M_UNKNOWN_TOKEN")
        }
    }

    @Test func refusalsKeepTheirCodes() async throws {
        try await overHTTP { users in
            #expect(
                await errcode { _ = try await users.call(QueryAccountAvailability(localpart: "us,er")) } == "M_INVALID_USERNAME")
            #expect(
                await errcode {
                    _ = try await users.call(AuthenticatePassword(user: "nobody", password: "secret"))
                } == "M_FORBIDDEN")
            #expect(await errcode { _ = try await users.call(QueryProfile(userID: "@nobody:test")) } == "M_NOT_FOUND")
        }
    }

    private func overHTTP(_ body: @escaping @Sendable (UserClient) async throws -> Void) async throws {
        try await TestUsers.on(.sqlite) { test in
            let logger = Logger(label: "tests")
            let endpoints = [Endpoint](Route.user, answeredBy: test.users, token: ClusterToken("cluster"))
            var options = ServerOptions()
            options.drainTimeout = .milliseconds(200)
            let server = HTTPServer(
                listen: ListenAddress(host: "127.0.0.1", port: 0),
                responder: Responder(router: Router(endpoints), logger: logger), options: options, logger: logger)
            let services = ServiceGroup(services: [server], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                let url = try #require(URL(string: "http://127.0.0.1:\(await server.boundAddress.port)"))
                let link = HTTPLink(connect: [url], token: "cluster", client: HTTPLink.makeClient(), logger: logger)
                try await body(UserClient(link))
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }
}
