import Foundation
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import Synchronization
import Testing
import Web

/// What a caller may rely on, whichever way a call goes.
@Suite(.timeLimit(.minutes(2))) struct ContractTests {
    @Test(arguments: Form.allCases) func aCallHasItsReply(form: Form) async throws {
        try await form.run { client, _ async throws in
            #expect(try await client.call(Echo(text: "ä\u{0}\n")) == Echo.Reply(text: "ä\u{0}\n"))
            #expect(try await client.call(Note(text: "x")) == Done())
        }
    }

    @Test(arguments: Form.allCases) func anErrorArrivesAsItWasThrown(form: Form) async throws {
        let error = MatrixError(
            status: 418, errcode: "M_ODD", error: "Slower", fields: ["retry_after_ms": 5, "completed": ["m.login.dummy"]])
        try await form.run { client, component async throws in
            component.answers { throw error }
            await #expect(throws: error) { _ = try await client.call(Echo(text: "")) }
        }
    }

    @Test(arguments: Form.allCases) func aBugTellsTheCallerNothing(form: Form) async throws {
        struct Bug: Error { let secret = "postgres://user:password@host" }
        try await form.run { client, component async throws in
            component.answers { throw Bug() }
            await #expect(throws: MatrixError(status: 500, errcode: "M_UNKNOWN", error: "Internal server error")) {
                _ = try await client.call(Echo(text: ""))
            }
        }
    }

    @Test(arguments: Form.allCases) func anOutageIsWhatThePlatformSaysItIs(form: Form) async throws {
        try await form.run { client, component async throws in
            component.answers { throw Away() }
            await #expect(throws: Away.error) { _ = try await client.call(Echo(text: "")) }
        }
    }

    @Test(arguments: Form.allCases) func aDeadlineEndsTheCallAndTheWork(form: Form) async throws {
        let (cancelled, wasCancelled) = AsyncStream<Void>.makeStream()
        try await form.run { client, component async throws in
            component.answers {
                do { try await Task.sleep(for: .seconds(600)) } catch { wasCancelled.yield() }
            }
            let error = await #expect(throws: MatrixError.self) { _ = try await client.call(Hurried()) }
            #expect(error?.status == 504)
            for await _ in cancelled { break }
        }
    }

    @Test(arguments: Form.allCases) func aCallerThatIsCancelledWaitsNoLonger(form: Form) async throws {
        let (begun, hasBegun) = AsyncStream<Void>.makeStream()
        try await form.run { client, component async throws in
            component.answers {
                hasBegun.yield()
                try? await Task.sleep(for: .seconds(5))
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: (any Error).self) {
                        _ = try await client.call(Echo(text: ""))
                        try Task.checkCancellation()
                    }
                }
                for await _ in begun { break }
                group.cancelAll()
            }
        }
    }

    @Test(arguments: Form.allCases) func theRequestIDGoesAlong(form: Form) async throws {
        try await form.run { client, component async throws in
            let seen = Mutex<String?>(nil)
            component.answers { seen.withLock { $0 = RequestID.current } }
            try await RequestID.$current.withValue("r-1") { _ = try await client.call(Echo(text: "")) }
            #expect(seen.withLock { $0 } == "r-1")
        }
    }

    @Test(arguments: Form.allCases) func aCallThatNobodyAnswersIsRefused(form: Form) async throws {
        try await form.run { client, _ async throws in
            await #expect(throws: MatrixError.self) { _ = try await client.link.call(Unanswered()) }
        }
    }
}
