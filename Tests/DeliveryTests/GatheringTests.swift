import Delivery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct GatheringTests {
    /// A step that waits until it is opened, and says when somebody has arrived.
    private final class Gate: Sendable {
        let (arrivals, arrived) = AsyncStream<[Int]>.makeStream()
        let (openings, opened) = AsyncStream<Void>.makeStream()
        func pass(_ items: [Int]) async {
            arrived.yield(items)
            for await _ in openings { break }
        }
        func arrival() async -> [Int]? {
            for await items in arrivals { return items }
            return nil
        }
    }

    private func gathering(_ gate: Gate, limit: Int = 64, width: Int = 1) -> Gathering<Int, Int> {
        Gathering(limit: limit, width: width) { items in
            await gate.pass(items)
            return items.map { $0 < 0 ? .failure(TestFailure("\($0)")) : .success($0 * 10) }
        }
    }

    @Test func whatComesMeanwhileIsDoneTogetherAndAnsweredEach() async throws {
        let gate = Gate(), gathering = gathering(gate, limit: 5)
        try await withThrowingTaskGroup(of: (Int, Result<Int, any Error>).self) { group in
            func submit(_ item: Int) {
                group.addTask {
                    do { return (item, .success(try await gathering.submit(item))) } catch { return (item, .failure(error)) }
                }
            }
            submit(1)
            #expect(await gate.arrival() == [1])
            for item in [2, -3, 4, 5, 6, 7] { submit(item) }
            while gathering.waiting < 6 { await Task.yield() }
            gate.opened.yield()
            #expect(await gate.arrival()?.count == 5)
            gate.opened.yield()
            #expect(await gate.arrival()?.count == 1)
            gate.opened.yield()
            for try await (item, result) in group {
                switch result {
                case .success(let outcome): #expect(outcome == item * 10)
                case .failure(let error): #expect(item == -3 && error is TestFailure)
                }
            }
            #expect(gathering.waiting == 0)
        }
    }

    @Test func whoIsCancelledWhileWaitingIsDoneWith() async throws {
        let gate = Gate(), gathering = gathering(gate)
        let leader = Task { try await gathering.submit(1) }
        #expect(await gate.arrival() == [1])
        let quitter = Task { try await gathering.submit(2) }
        while gathering.waiting < 1 { await Task.yield() }
        quitter.cancel()
        await #expect(throws: CancellationError.self) { try await quitter.value }
        // What has begun goes on.
        leader.cancel()
        gate.opened.yield()
        #expect(try await leader.value == 10)
        let next = Task { try await gathering.submit(3) }
        #expect(await gate.arrival() == [3])
        gate.opened.yield()
        #expect(try await next.value == 30)
    }

    @Test func twoGroupsAreUnderWayWhereTwoMayBe() async throws {
        let gate = Gate(), gathering = gathering(gate, width: 2)
        async let first = gathering.submit(1)
        async let second = gathering.submit(2)
        #expect(Set([await gate.arrival(), await gate.arrival()]) == [[1], [2]])
        async let third = gathering.submit(3)
        while gathering.waiting < 1 { await Task.yield() }
        gate.opened.yield()
        gate.opened.yield()
        #expect(await gate.arrival() == [3])
        gate.opened.yield()
        #expect(try await [first, second, third] == [10, 20, 30])
    }
}
