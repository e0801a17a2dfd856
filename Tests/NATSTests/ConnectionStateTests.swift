import NIOCore
import Testing

@testable import NATS

@Suite struct ConnectionStateTests {
    private let a = ServerAddress(host: "a"), b = ServerAddress(host: "b")

    private func state(_ servers: [ServerAddress], settings: ConnectionState.Settings = .init()) -> ConnectionState {
        ConnectionState(servers: servers, backoff: Backoff(first: .seconds(1), longest: .seconds(8)), settings: settings) { 1 }
    }

    private func connected(_ state: inout ConnectionState, info: ServerInfo = ServerInfo()) {
        if state.phase == .idle { _ = state.handle(.start) }
        _ = state.handle(.dialed)
        _ = state.handle(.received(.info(info)))
        _ = state.handle(.received(.pong))
    }

    private func text(_ state: inout ConnectionState) -> String { state.takeOutgoing().map { String(buffer: $0) } ?? "" }

    @Test func aServerIsGreetedAndThenUsed() throws {
        var state = state([a])
        #expect(state.handle(.start) == [.dial(a)])
        _ = state.handle(.dialed)
        let actions = state.handle(.received(.info(ServerInfo())))
        guard case .write(let greeting) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(String(buffer: greeting).hasPrefix("CONNECT {") && String(buffer: greeting).hasSuffix("}\r\nPING\r\n"))
        #expect(!state.isConnected)
        #expect(state.handle(.received(.pong)).contains(.report(.connected(a, ServerInfo(), again: false))))
        #expect(state.isConnected)
    }

    @Test func tlsComesBeforeTheGreeting() {
        var state = state([a]), info = ServerInfo()
        info.tlsRequired = true
        _ = state.handle(.start)
        _ = state.handle(.dialed)
        #expect(state.handle(.received(.info(info))).first == .upgradeTLS(a))
    }

    @Test func noSecretIsSentInTheClearWhenTLSIsRequired() {
        var settings = ConnectionState.Settings()
        settings.requireTLS = true
        var state = state([a], settings: settings)
        _ = state.handle(.start)
        _ = state.handle(.dialed)
        #expect(state.handle(.received(.info(ServerInfo()))) == [.hangUp])
    }

    @Test func whatIsPublishedMeanwhileIsSentAfterTheSubscriptions() throws {
        var state = state([a])
        _ = try state.publish(subject: "x", reply: nil, headers: [:], payload: [])
        _ = try state.subscribe(sid: 1, subject: "s", queue: nil)
        connected(&state)
        #expect(text(&state) == "SUB s 1\r\nPUB x 0\r\n\r\n")
        _ = state.handle(.lost("gone"))
        _ = try state.publish(subject: "y", reply: nil, headers: [:], payload: [])
        _ = state.handle(.timer(.redial, attempt: state.attempt))
        connected(&state)
        #expect(text(&state) == "SUB s 1\r\nPUB y 0\r\n\r\n")
    }

    @Test func whatWaitsToBeSentIsBounded() throws {
        var settings = ConnectionState.Settings()
        settings.outgoingLimit = 1_000
        var state = state([a], settings: settings)
        _ = try state.publish(subject: "x", reply: nil, headers: [:], payload: Array(repeating: 0, count: 800))
        #expect(throws: NATSError.outgoingBufferFull) {
            try state.publish(subject: "x", reply: nil, headers: [:], payload: Array(repeating: 0, count: 800))
        }
    }

    @Test func maxPayloadIsTheServers() throws {
        var state = state([a]), info = ServerInfo()
        info.maxPayload = 10
        connected(&state, info: info)
        #expect(throws: NATSError.payloadTooLarge(bytes: 11, limit: 10)) {
            try state.publish(subject: "x", reply: nil, headers: [:], payload: Array(repeating: 0, count: 11))
        }
    }

    @Test func everyServerIsTriedBeforeAnyWaiting() throws {
        var state = state([a, b])
        _ = state.handle(.start)
        guard case .setTimer(.redial, let first) = state.handle(.dialFailed("no")).last else { throw NATSError.closed }
        #expect(first == .zero)
        #expect(state.handle(.timer(.redial, attempt: state.attempt)) == [.dial(b)])
        guard case .setTimer(.redial, let second) = state.handle(.dialFailed("no")).last else { throw NATSError.closed }
        #expect(second == .seconds(1))
    }

    @Test func delaysGrowToABound() {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(8))
        #expect((1...6).map { backoff.delay(round: $0, jitter: 1) } == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
        #expect(backoff.delay(round: 3, jitter: 0) == .seconds(2))
        #expect(backoff.delay(round: .max, jitter: 1) == .seconds(8))
    }

    @Test func serversAreLearntAndForgotten() {
        var state = state([a]), info = ServerInfo()
        info.connectURLs = ["b:4222", "a:4222", "c:4222", "not an address"]
        connected(&state, info: info)
        #expect(state.servers.map(\.host) == ["a", "b", "c"])
        info.connectURLs = ["a:4222", "c:4222"]
        _ = state.handle(.received(.info(info)))
        #expect(state.servers.map(\.host) == ["a", "c"])
    }

    @Test func silenceEndsTheConnection() {
        var state = state([a])
        connected(&state)
        func ping() -> [ConnectionState.Action] { state.handle(.timer(.ping, attempt: state.attempt)) }
        #expect(ping().contains(.flush))
        #expect(ping().contains(.flush))
        #expect(ping() == [.hangUp])
    }

    @Test func aServerThatAsksAndDoesNotReadIsLeft() {
        var settings = ConnectionState.Settings()
        settings.outgoingLimit = 1_000
        var state = state([a], settings: settings)
        connected(&state)
        let actions = (0..<1_000).map { _ in state.handle(.received(.ping)) }
        #expect(actions.first == [.flush] && actions.last == [.hangUp])
        #expect(text(&state).utf8.count < 1_100)
    }

    @Test func anAnswerToAPingIsNotTheAnswerToAFlush() throws {
        var state = state([a])
        connected(&state)
        _ = state.handle(.timer(.ping, attempt: state.attempt))
        _ = try state.flush(9)
        #expect(state.handle(.received(.pong)) == [])
        #expect(state.handle(.received(.pong)) == [.flushed(9)])
    }

    @Test func whatWasAskedOnALostConnectionIsGivenUp() throws {
        var state = state([a])
        connected(&state)
        _ = try state.flush(9)
        #expect(state.handle(.lost("gone")).first == .abandon(epoch: 1, flushes: [9]))
        #expect(state.sendingEpoch == 2)
    }

    @Test func aTimerOfAnEarlierAttemptMeansNothing() {
        var state = state([a])
        connected(&state)
        let attempt = state.attempt
        _ = state.handle(.lost("gone"))
        #expect(state.handle(.timer(.redial, attempt: attempt)) == [])
    }

    @Test func aServerThatIsLeavingIsLeft() {
        var state = state([a, b]), info = ServerInfo()
        connected(&state, info: info)
        info.lameDuckMode = true
        #expect(state.handle(.received(.info(info))) == [.report(.lameDuck), .setTimer(.leave, .seconds(2))])
        #expect(state.handle(.timer(.leave, attempt: state.attempt)) == [.hangUp])
        _ = state.handle(.lost("closed"))
        #expect(state.handle(.timer(.redial, attempt: state.attempt)) == [.dial(b)])
    }

    @Test func aRefusalByEveryServerIsFinalAtFirst() {
        var state = state([a])
        _ = state.handle(.start)
        _ = state.handle(.dialed)
        _ = state.handle(.received(.info(ServerInfo())))
        _ = state.handle(.received(.error("Authorization Violation")))
        #expect(state.handle(.lost("closed")).first == .report(.failed(a, "Authorization Violation", isFinal: true)))
    }
}
