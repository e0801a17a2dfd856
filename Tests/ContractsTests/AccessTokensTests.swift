import InternalAPI
import Matrix
import Synchronization
import Testing
import Topics
import Web

@testable import Contracts

@Suite(.timeLimit(.minutes(1))) struct AccessTokensTests {
    private let request = Request(.get, "/")

    @Test func aKnownTokenIsNotAskedForAgainForAWhile() async throws {
        let owners = Owners(), clock = TestClock()
        let tokens = AccessTokens(users: UserClient(owners), bus: SignalBus(), now: { clock.now })
        for _ in 0..<3 { #expect(try await tokens.caller(for: "a", request: request).userID == "@a:test") }
        #expect(owners.asked == ["a"])
        clock.advance(by: .seconds(4))
        _ = try await tokens.caller(for: "a", request: request)
        #expect(owners.asked == ["a"])
        clock.advance(by: .seconds(1))
        _ = try await tokens.caller(for: "a", request: request)
        #expect(owners.asked == ["a", "a"])
    }

    @Test func anUnknownTokenIsRefusedAndNotRemembered() async throws {
        let owners = Owners()
        let tokens = AccessTokens(users: UserClient(owners), bus: SignalBus())
        owners.forget("a")
        await #expect(throws: MatrixError.unknownToken()) { _ = try await tokens.caller(for: "a", request: request) }
        owners.know("a")
        _ = try await tokens.caller(for: "a", request: request)
        let long = String(repeating: "x", count: 10_000)
        await #expect(throws: MatrixError.unknownToken()) { _ = try await tokens.caller(for: long, request: request) }
        #expect(owners.asked == ["a", "a"])
    }

    @Test func aLogoutThatIsSignalledEndsTheToken() async throws {
        let owners = Owners(), bus = SignalBus()
        let tokens = AccessTokens(users: UserClient(owners), bus: bus)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tokens.run() }
            _ = try await tokens.caller(for: "a", request: request)
            _ = try await tokens.caller(for: "b", request: request)
            owners.forget("a")
            let gone = DevicesGone(userID: "@a:test", deviceIDs: ["DEVICE"])
            await bus.signal(Signals.devicesGone, try JSONCoder.encode(gone))
            // The listener drops it in its own time.
            while (try? await tokens.caller(for: "a", request: request)) != nil { await Task.yield() }
            _ = try await tokens.caller(for: "b", request: request)
            #expect(owners.asked.filter { $0 == "b" }.count == 1)
            group.cancelAll()
        }
    }

    @Test func anAnswerFromBeforeALogoutIsNotKept() async throws {
        let owners = Owners()
        let tokens = AccessTokens(users: UserClient(owners), bus: SignalBus())
        owners.whileAsked { tokens.drop(DevicesGone(userID: "@a:test", deviceIDs: nil)) }
        _ = try await tokens.caller(for: "a", request: request)
        _ = try await tokens.caller(for: "a", request: request)
        #expect(owners.asked == ["a", "a"])
    }

    @Test func thoseWhoAskAtOnceShareOneCall() async throws {
        let owners = Owners()
        let tokens = AccessTokens(users: UserClient(owners), bus: SignalBus())
        let gate = AsyncStream<Void>.makeStream()
        owners.wait(for: gate.stream)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let caller = try await tokens.caller(for: "a", request: request)
                    #expect(caller.userID == "@a:test")
                }
            }
            while owners.asked.isEmpty { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            gate.continuation.finish()
            try await group.waitForAll()
        }
        #expect(owners.asked.count < 20)
    }

    @Test func whoeverGivesUpDoesNotTakeTheOthersAlong() async throws {
        let calls = SharedCalls<String, Int>()
        let gate = AsyncStream<Void>.makeStream()
        let isAsking = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Int?.self) { group in
            let first = Task {
                try await calls.value(for: "k") {
                    isAsking.continuation.finish()
                    for await _ in gate.stream {}
                    try Task.checkCancellation()
                    return 1
                }
            }
            for await _ in isAsking.stream {}
            group.addTask { try await calls.value(for: "k") { 2 } }
            first.cancel()
            _ = try? await first.value
            let answer = try await group.next()
            #expect(answer == 2)
        }
    }
}

@Suite struct TokenCacheTests {
    private let now = ContinuousClock.now

    @Test func itHoldsNoMoreThanItMay() {
        var cache = TokenCache(capacity: 10, age: .seconds(5))
        for number in 0..<100 {
            cache.insert(Caller(userID: "@\(number):test", deviceID: "D"), of: "\(number)", at: now, ifStill: 0)
            #expect(cache.count <= 10)
            // What is used stays.
            #expect(cache.caller(of: "0", at: now) != nil)
        }
    }

    @Test func onlyTheDevicesNamedAreDropped() {
        var cache = TokenCache(capacity: 10, age: .seconds(5))
        for device in ["A", "B", "C"] {
            cache.insert(Caller(userID: "@a:test", deviceID: device), of: device, at: now, ifStill: 0)
        }
        cache.drop(DevicesGone(userID: "@a:test", deviceIDs: ["A"]))
        #expect(cache.caller(of: "A", at: now) == nil && cache.caller(of: "B", at: now) != nil)
        cache.drop(DevicesGone(userID: "@a:test", deviceIDs: nil))
        #expect(cache.count == 0)
    }
}
