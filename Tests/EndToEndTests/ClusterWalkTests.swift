import Foundation
import Setup
import Surroundings
import Synchronization
import TestSupport
import Testing

/// However a room is read, and through whichever replica, it is the same room.
extension ClusterTests {
    @Test func fourHundredEventsOfEightUsersAreSeenOnceInOneOrderThoughASyncapiIsKilledMeanwhile() async throws {
        let crowd = try await Crowd(of: 8, saying: 50, in: cluster)
        // Of those who sync, one does so all the while, at any replica, one at that which is killed, and one only before and after.
        let replicas = [try cluster.replica(.syncapi, 0), try cluster.replica(.syncapi, 1)].sorted { $0.lastLease < $1.lastLease }
        let projector = try #require(replicas.last), killed = try #require(projector.externalURL)
        var absent = try await crowd.follower(at: cluster.readers)
        let present = [
            try await crowd.follower(at: cluster.readers), try await crowd.follower(at: [cluster.url]),
            try await crowd.follower(at: [killed]),
        ]
        let beginning = try #require(absent.since)

        let (said, followers, walks) = try await withThrowingTaskGroup(of: Reading.self) { group in
            for follower in present { group.addTask { try await crowd.follow(follower) } }
            for direction in [Follower.Direction.backwards, .forwards] {
                group.addTask { try await crowd.page(direction, from: direction == .forwards ? beginning : nil, at: cluster.readers) }
            }
            async let said = crowd.speak()
            try await eventually("a quarter has been said", every: .milliseconds(1)) { crowd.acknowledged >= 100 }
            try await projector.process.end(by: SIGKILL)
            crowd.isDisturbed.set()
            try projector.process.start()
            let all = try await said
            try await projector.awaitReady()
            crowd.isSilent.set()
            var followers: [Follower] = [], walks: [[String]] = []
            for try await reading in group {
                switch reading {
                case .follower(let follower): followers.append(follower)
                case .walks(let some): walks += some
                }
            }
            return (all, followers, walks)
        }

        // The order is that of /messages; each one's own is in it.
        let order: [String] = try await Follower.messages(of: crowd.users[0], in: crowd.room, at: cluster.readers).reversed()
        #expect(order.count == 400 && Set(order) == Set(said.joined()), "\(order.count) of \(said.joined().count)")
        for own in said { #expect(order.filter(Set(own).contains) == own, "/messages has another order than was said") }
        try await absent.sync(timeoutMS: 0)
        for var follower in followers + [absent] {
            try await eventually("\(follower.client.userID) sees what was said last") {
                if follower.messages.last == order.last { return true }
                try await follower.sync()
                return false
            }
            #expect(follower.messages == order, "/sync differs, at \(follower.addresses)")
        }
        // Whoever paged meanwhile saw all that had been said by then.
        #expect(walks.contains { !$0.isEmpty })
        for walk in walks { #expect(order.starts(with: walk), "a walk of \(walk.count) differs") }
        for reader in cluster.readers {
            for limit in [7, 100] {
                let back = try await Follower.messages(of: crowd.users[1], in: crowd.room, limit: limit, at: [reader])
                #expect(Array(back.reversed()) == order, "backwards by \(limit) at \(reader)")
                let forth = try await Follower.messages(of: crowd.users[2], in: crowd.room, .forwards, limit: limit, at: [reader])
                #expect(forth == order, "forwards by \(limit) at \(reader)")
            }
            #expect(try await Follower.everything(of: crowd.users[3], in: crowd.room, at: [reader]) == order)
        }
    }
}

/// What a reader brings home.
private enum Reading: Sendable {
    case follower(Follower)
    /// The messages of each walk, the oldest first.
    case walks([[String]])
}

/// Users who all talk in one room at once.
private struct Crowd: Sendable {
    let users: [Client]
    /// One more, who only reads.
    let reader: Client
    let room: String
    let share: Int
    /// Set once what is to happen in the middle has happened, and once there is nothing more to read.
    let isDisturbed = Flag(), isSilent = Flag()
    private let count = Counter()

    init(of size: Int, saying share: Int, in cluster: Cluster) async throws {
        var users: [Client] = []
        for number in 0..<size { users.append(try await Client.register("crowd-\(number)", at: cluster.url)) }
        self.users = users
        self.share = share
        room = try await users[0].createRoom(["preset": "public_chat"])
        reader = try await Client.register("crowd-reader", at: cluster.url)
        for user in users.dropFirst() + [reader] { try await user.join(room) }
    }

    /// How many events have been acknowledged so far.
    var acknowledged: Int { count.value.load(ordering: .relaxed) }

    /// The events of each user; the last ten of each are sent when the disturbance is over.
    func speak() async throws -> [[String]] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for (index, user) in users.enumerated() {
                group.addTask {
                    var sent: [String] = []
                    for number in 0..<share {
                        if number == share - 10 { try await eventually("the disturbance is over") { isDisturbed.isSet } }
                        sent.append(try await user.send("\(index): \(number)", to: room, transaction: "crowd-\(index)-\(number)"))
                        count.value.add(1, ordering: .relaxed)
                    }
                    return sent
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// One who has synced once.
    func follower(at addresses: [String]) async throws -> Follower {
        var follower = Follower(reader, in: room, at: addresses)
        try await follower.sync(timeoutMS: 0)
        return follower
    }

    func follow(_ follower: Follower) async throws -> Reading {
        var follower = follower
        while !isSilent.isSet { try await follower.sync() }
        return .follower(follower)
    }

    /// Pages through all that there is, again and again.
    func page(_ direction: Follower.Direction, from start: String?, at addresses: [String]) async throws -> Reading {
        var walks: [[String]] = []
        while !isSilent.isSet {
            let walk = try await Follower.messages(of: reader, in: room, direction, from: start, limit: 20, at: addresses)
            walks.append(direction == .backwards ? walk.reversed() : walk)
        }
        return .walks(walks)
    }
}

private final class Counter: Sendable {
    let value = Atomic(0)
}
