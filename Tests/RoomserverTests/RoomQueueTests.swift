import Contracts
import Matrix
import Synchronization
import Testing

@testable import Roomserver

@Suite(.timeLimit(.minutes(1))) struct RoomQueueTests {
    private func request() throws -> RoomRequest { .send(try SendRequest(SendEvents(roomID: "!r", drafts: []))) }

    /// A step that waits until it is opened, and says when somebody has arrived.
    private final class Gate: Sendable {
        let (arrivals, arrived) = AsyncStream<Int>.makeStream()
        let (openings, opened) = AsyncStream<Void>.makeStream()
        func pass(_ count: Int) async {
            arrived.yield(count)
            for await _ in openings { break }
        }
        func arrival() async -> Int? {
            for await count in arrivals { return count }
            return nil
        }
    }

    private let reply = RoomReply(eventIDs: [], added: false, seq: 1)

    @Test func whatWaitsIsDoneTogetherAndAnsweredEach() async throws {
        let queue = RoomQueue(), gate = Gate(), request = try request(), reply = reply
        try await withThrowingTaskGroup(of: RoomReply.self) { group in
            let process: RoomQueue.Process = { requests in
                await gate.pass(requests.count)
                return requests.map { _ in .success(reply) }
            }
            group.addTask { try await queue.submit(request, to: "!r", process) }
            #expect(await gate.arrival() == 1)
            for _ in 0..<10 { group.addTask { try await queue.submit(request, to: "!r", process) } }
            while queue.waiting(for: "!r") < 10 { await Task.yield() }
            gate.opened.yield()
            #expect(await gate.arrival() == 10)
            gate.opened.yield()
            let replies = try await group.reduce(into: [RoomReply]()) { $0.append($1) }
            #expect(replies == Array(repeating: reply, count: 11))
            #expect(queue.waiting(for: "!r") == 0)
        }
    }

    @Test func whoGivesUpHoldsNobodyBack() async throws {
        let queue = RoomQueue(), gate = Gate(), request = try request(), reply = reply
        let process: RoomQueue.Process = { requests in
            await gate.pass(requests.count)
            try Task.checkCancellation()
            return requests.map { _ in .success(reply) }
        }
        let leader = Task { try await queue.submit(request, to: "!r", process) }
        #expect(await gate.arrival() == 1)
        let follower = Task { try await queue.submit(request, to: "!r", process) }
        let quitter = Task { try await queue.submit(request, to: "!r", process) }
        while queue.waiting(for: "!r") < 2 { await Task.yield() }
        quitter.cancel()
        await #expect(throws: CancellationError.self) { try await quitter.value }
        leader.cancel()
        gate.opened.yield()
        await #expect(throws: CancellationError.self) { try await leader.value }
        #expect(await gate.arrival() == 1)
        gate.opened.yield()
        #expect(try await follower.value == reply)
    }

    @Test func aFullQueueRefuses() async throws {
        let queue = RoomQueue(queueLimit: 1), gate = Gate(), request = try request(), reply = reply
        let process: RoomQueue.Process = { requests in
            await gate.pass(requests.count)
            return requests.map { _ in .success(reply) }
        }
        let leader = Task { try await queue.submit(request, to: "!r", process) }
        #expect(await gate.arrival() == 1)
        let follower = Task { try await queue.submit(request, to: "!r", process) }
        while queue.waiting(for: "!r") < 1 { await Task.yield() }
        let error = await #expect(throws: MatrixError.self) { try await queue.submit(request, to: "!r", process) }
        #expect(error?.errcode == "M_LIMIT_EXCEEDED")
        gate.opened.yield()
        gate.opened.yield()
        #expect(try await leader.value == reply)
        #expect(try await follower.value == reply)
    }
}
