import Foundation
import Matrix
import TestSupport
import Testing
import Topics

@testable import SyncAPI

/// Syncs that wait.
@Suite struct WaitingTests {
    @Test(arguments: TestDatabase.allCases) func aWaitingSyncIsWokenByItsRoomsOnly(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom(by: bob)
            let first = try await world.sync(), bobs = try await world.sync(bob)
            async let answer = world.sync(since: first.next, timeoutMS: 20_000)
            await parked(1, at: world.sync)
            // Something of others: bob hears of it, alice waits on.
            try await world.say("for bob", in: other, by: bob)
            let heard = try await world.sync(bob, since: bobs.next, timeoutMS: 20_000)
            #expect(heard.joined(other)?.timeline.bodies == ["for bob"])
            #expect(world.sync.notifier.waiting == 1)
            try await world.say("for alice", in: room)
            #expect(try await answer.joined(room)?.timeline.bodies == ["for alice"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aWaitingSyncIsWokenByAnInviteAndByAccountData(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(joinRule: "invite")
            let first = try await world.sync(bob)
            async let invited = world.sync(bob, since: first.next, timeoutMS: 20_000)
            await parked(1, at: world.sync)
            try await world.move(.invite, bob, by: alice, in: room)
            let second = try await invited
            #expect(second.rooms("invite") == [room])
            async let told = world.sync(bob, since: second.next, timeoutMS: 20_000)
            await parked(1, at: world.sync)
            try await world.setData("m.direct", [:], of: bob)
            #expect(try await told.accountData.types == ["m.direct"])
        }
    }

    @Test func aSyncEndsEmptyWhenItsTimeIsUp() async throws {
        try await World.on(.sqlite) { world in
            _ = try await world.createRoom()
            let first = try await world.sync()
            let started = ContinuousClock.now
            let second = try await world.sync(since: first.next, timeoutMS: 400)
            #expect(second.isEmpty)
            let took = ContinuousClock.now - started
            #expect(took >= .milliseconds(400))
            #expect(took < .seconds(10))
        }
    }

    @Test func aShutdownEndsAWaitingSyncEmpty() async throws {
        try await World.on(.sqlite) { world in
            _ = try await world.createRoom()
            let first = try await world.sync()
            let waiting = Task { try await world.sync(since: first.next, timeoutMS: 60_000) }
            await parked(1, at: world.sync)
            waiting.cancel()
            let answer = try await waiting.value
            #expect(answer.isEmpty)
            #expect(try await world.sync(since: answer.next).isEmpty)
        }
    }

    @Test func aSignalThatWasLostIsMadeUpFor() async throws {
        try await World.on(.postgres, replicas: 2) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            world.local.loseSignals(true)
            async let one = world.sync(since: first.next, timeoutMS: 20_000, at: 0)
            async let two = world.sync(since: first.next, timeoutMS: 20_000, at: 1)
            await parked(1, at: world.syncs[0])
            await parked(1, at: world.syncs[1])
            try await world.say("hello", in: room)
            #expect(try await one.joined(room)?.timeline.bodies == ["hello"])
            #expect(try await two.joined(room)?.timeline.bodies == ["hello"])
        }
    }

    /// Until so many wait.
    private func parked(_ count: Int, at sync: SyncAPI) async {
        for _ in 0..<2_000 where sync.notifier.waiting < count { try? await Task.sleep(for: .milliseconds(5)) }
    }
}

/// The bookkeeping of waits, by itself.
@Suite struct NotifierTests {
    private func signal(_ after: Int64, _ position: Int64, rooms: [String] = [], users: [String] = []) -> PositionSignal {
        PositionSignal(after: after, position: position, roomIDs: rooms, userIDs: users)
    }

    private func wait(
        _ notifier: Notifier, _ user: String = alice, rooms: Set<String> = [], seen: Int64, for time: Duration = .seconds(60)
    ) -> Task<Notifier.Wake, Never> {
        Task { await notifier.wait(.init(userID: user, roomIDs: rooms, seen: seen), until: .now + time) }
    }

    private func parked(_ count: Int, _ notifier: Notifier) async {
        while notifier.waiting < count { await Task.yield() }
    }

    @Test func aSignalBetweenLookingAndParkingIsNotLost() async {
        let notifier = Notifier()
        notifier.notify(signal(0, 1, rooms: ["a"]))
        notifier.notify(signal(1, 2, rooms: ["b"]))
        notifier.notify(signal(2, 3, users: [bob]))
        #expect(await wait(notifier, rooms: ["b"], seen: 1).value == .somethingNew)
        #expect(await wait(notifier, bob, seen: 2).value == .somethingNew)
        // Before what is kept: looks again.
        let late = Notifier()
        late.notify(signal(7, 8, rooms: ["a"]))
        #expect(await wait(late, rooms: ["b"], seen: 6).value == .somethingNew)
        // Nothing of its own among them: it waits.
        #expect(await wait(notifier, rooms: ["c"], seen: 0, for: .zero).value == .tooLate)
    }

    @Test func eachWaitEndsByItselfWhenItsTimeIsUpAndNotBefore() async {
        let notifier = Notifier()
        notifier.notify(signal(0, 1, rooms: ["a"]))
        await withTaskGroup(of: Void.self) { group in
            for tenths in [9, 1, 5] {
                group.addTask {
                    let deadline = ContinuousClock.now + .milliseconds(100) * tenths
                    let wake = await notifier.wait(.init(userID: alice, roomIDs: ["b"], seen: 1), until: deadline)
                    #expect(wake == .tooLate && ContinuousClock.now >= deadline)
                }
            }
        }
        #expect(notifier.waiting == 0)
    }

    @Test func aSignalThatFollowsALostOneWakesEverybody() async {
        let notifier = Notifier()
        notifier.notify(signal(0, 1, rooms: ["a"]))
        let waiting = wait(notifier, rooms: ["b"], seen: 1)
        await parked(1, notifier)
        notifier.notify(signal(2, 3, rooms: ["a"]))
        #expect(await waiting.value == .somethingNew)
    }

    @Test func aSignalHeardTwiceWakesOnce() async {
        let notifier = Notifier()
        notifier.notify(signal(0, 1, rooms: ["a"]))
        let waiting = wait(notifier, rooms: ["a"], seen: 1)
        await parked(1, notifier)
        notifier.notify(signal(0, 1, rooms: ["a"]))
        #expect(notifier.waiting == 1)
        notifier.observe(position: 1)
        #expect(notifier.waiting == 1)
        notifier.observe(position: 2)
        #expect(await waiting.value == .somethingNew)
    }

    @Test func oneWaitTooManyEndsTheOldestOfTheUser() async {
        let notifier = Notifier(longestQueue: 2)
        let other = wait(notifier, bob, seen: 0)
        await parked(1, notifier)
        let first = wait(notifier, seen: 0)
        await parked(2, notifier)
        let second = wait(notifier, seen: 0)
        await parked(3, notifier)
        let third = wait(notifier, seen: 0)
        #expect(await first.value == .displaced)
        await parked(3, notifier)
        #expect(notifier.waiting == 3)
        for task in [other, second, third] { task.cancel() }
        #expect(await second.value == .cancelled)
        #expect(await third.value == .cancelled)
        #expect(await other.value == .cancelled)
        #expect(!notifier.hasWaiters)
    }

    @Test func nobodyWaitsForOneThatIsClosed() async {
        let notifier = Notifier()
        let waiting = wait(notifier, seen: 0)
        await parked(1, notifier)
        notifier.close()
        #expect(await waiting.value == .cancelled)
        #expect(await wait(notifier, seen: 0).value == .cancelled)
    }

    @Test func newsAreWholeOrNone() {
        let notifier = Notifier()
        #expect(notifier.news(above: 0) == nil)
        notifier.notify(signal(4, 5, rooms: ["a"]))
        notifier.notify(signal(5, 7, rooms: ["b"], users: [bob]))
        #expect(notifier.news(above: 3) == nil)
        #expect(notifier.news(above: 4) == .init(roomIDs: ["a", "b"], userIDs: [bob], position: 7))
        #expect(notifier.news(above: 5) == .init(roomIDs: ["b"], userIDs: [bob], position: 7))
        // One is lost.
        notifier.notify(signal(8, 9, rooms: ["c"]))
        #expect(notifier.news(above: 7) == nil)
        #expect(notifier.news(above: 8) == .init(roomIDs: ["c"], position: 9))
    }
}
