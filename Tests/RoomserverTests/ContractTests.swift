import Contracts
import Foundation
import InternalAPI
import Matrix
import SQL
import ServiceLifecycle
import TestSupport
import Testing
import Web

@testable import Roomserver

/// The ways in which other components reach a roomserver.
enum Form: CaseIterable {
    case switchboard, http

    func run(_ body: @Sendable (RoomserverClient) async throws -> Void) async throws {
        try await TestDatabase.sqlite.with { database in
            let rooms: any RoomserverAPI = try await makeRoomserver(database)
            switch self {
            case .switchboard:
                let switchboard = Switchboard(logger: quiet)
                switchboard.connect(Route.roomserver, to: rooms)
                try await body(RoomserverClient(switchboard))
            case .http:
                try await listening([Endpoint](Route.roomserver, answeredBy: rooms, token: ClusterToken("secret"))) { url in
                    let link = HTTPLink(connect: [url], token: "secret", client: HTTPLink.makeClient(), logger: quiet)
                    try await body(RoomserverClient(link))
                }
            }
        }
    }

    /// Runs an internal listener on a free port for as long as the closure takes.
    private func listening(_ endpoints: [Endpoint], _ body: (URL) async throws -> Void) async throws {
        var options = ServerOptions()
        options.drainTimeout = .milliseconds(200)
        let server = HTTPServer(
            listen: ListenAddress(host: "127.0.0.1", port: 0), responder: Responder(router: Router(endpoints), logger: quiet),
            options: options, logger: quiet)
        let services = ServiceGroup(services: [server], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await body(try #require(URL(string: "http://127.0.0.1:\(await server.boundAddress.port)")))
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}

/// What others may rely on, whichever way they ask.
@Suite(.timeLimit(.minutes(2))) struct ContractTests {
    @Test(arguments: Form.allCases) func aRoomIsMadeUsedAndLeft(form: Form) async throws {
        try await form.run { rooms in
            let room = try await rooms.createRoom { $0.alias = "#room:example.org" }
            #expect(try await rooms.room(named: "#room:example.org") == room)
            try await rooms.move(.join, bob, in: room, ["displayname": "Bob"])
            let content: JSONObject = ["body": "ä\u{0}\n😀", "n": 9_007_199_254_740_991]
            let said = try await rooms.send(draft("m.room.message", content, by: bob), to: room, transaction: "1")
            #expect(try await rooms.event(said, in: room)["content"]?.object == content)
            #expect(try await rooms.joinedMembers(of: room, asSeenBy: alice)[bob]?.displayName == "Bob")
            #expect(try await rooms.members(of: room, asSeenBy: bob, in: "join").sorted() == [alice, bob])
            #expect(try await rooms.wholeState(of: room, asSeenBy: bob).count == 6)
            let log = try await rooms.log(of: room)
            let event = try Event(parsing: try #require(log.last).event.bytes, version: .default)
            #expect(event.eventID == said)
            try event.checkSignatures { _ in [signingKey.verifyKey] }
            try await rooms.move(.leave, bob, in: room)
            try await rooms.forget(room, by: bob)
            #expect(try await rooms.membership(of: bob, in: room) == "leave")
        }
    }

    @Test(arguments: Form.allCases) func aRefusalIsTheSameEverywhere(form: Form) async throws {
        try await form.run { rooms in
            let room = try await rooms.createRoom { $0.joinRule = "invite" }
            #expect(await refusal { try await rooms.move(.join, bob, in: room) } == "M_FORBIDDEN")
            #expect(await refusal { try await rooms.move(.unban, bob, by: alice, in: room) } == "M_BAD_STATE")
            #expect(await refusal { try await rooms.send(message("x"), to: "!none:example.org") } == "M_NOT_FOUND")
            #expect(await refusal { try await rooms.state("m.room.name", "\u{0}", in: room) } == "M_INVALID_PARAM")
            #expect(await refusal { try await rooms.event("$none", in: room) } == "M_NOT_FOUND")
        }
    }
}
