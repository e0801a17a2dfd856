import Matrix
import Synchronization
import Surroundings
import TestSupport
import Testing

/// Two users who talk in a room and follow what is said.
struct Conversation: Sendable {
    let users: [Client]
    let room: String
    /// Where `/sync` and `/messages` are asked.
    let readers: [String]

    /// Makes the users and the room.
    /// - Parameter insisting: of a server that has only just found its database again.
    static func begin(_ name: String, at url: String, readers: [String], insisting: Bool = false) async throws -> Conversation {
        let users = [
            try await Client.register("\(name)-a", at: url, insisting: insisting),
            try await Client.register("\(name)-b", at: url, insisting: insisting),
        ]
        let room = try await users[0].createRoom(["preset": "public_chat"])
        try await users[1].join(room)
        return Conversation(users: users, room: room, readers: readers)
    }

    /// Both talk while something happens, and at least so long that each has said so much. Then each must have seen every
    /// acknowledged message once, by `/sync` and by `/messages`, all in one order.
    func goesOn(
        saying least: Int, pause: Duration = .milliseconds(20), while disturbance: @Sendable () async throws -> Void
    ) async throws {
        var followers: [Follower] = []
        for user in users {
            var follower = Follower(user, in: room, at: readers)
            try await follower.sync(timeoutMS: 0)
            followers.append(follower)
        }
        let over = Flag(), silence = Flag()
        let beginning = "\(UInt32.random(in: 0 ... .max))"
        let (said, seen) = try await withThrowingTaskGroup(of: Follower.self) { group in
            for follower in followers {
                group.addTask {
                    var follower = follower
                    while !silence.isSet { try await follower.sync() }
                    return follower
                }
            }
            async let acknowledged = withThrowingTaskGroup(of: [String].self) { speakers in
                for (index, user) in users.enumerated() {
                    speakers.addTask {
                        var sent: [String] = []
                        while sent.count < least || !over.isSet, sent.count < 2_000 {
                            let number = sent.count
                            sent.append(
                                try await user.send("\(number)", to: room, transaction: "\(beginning)-\(index)-\(number)"))
                            try await Task.sleep(for: pause)
                        }
                        return sent
                    }
                }
                return try await speakers.reduce(into: []) { $0 += $1 }
            }
            try await disturbance()
            over.set()
            let said = try await acknowledged
            silence.set()
            return (said, try await group.reduce(into: []) { $0.append($1) })
        }
        #expect(Set(said).count == said.count, "two transactions gave one event")
        var order: [String]?
        for var follower in seen {
            try await eventually("\(follower.client.userID) sees all \(said.count) messages", within: .seconds(60)) {
                if Set(said).isSubset(of: follower.messages) { return true }
                try await follower.sync()
                return false
            }
            #expect(Set(follower.messages).count == follower.messages.count, "/sync showed an event twice")
            #expect(Set(follower.messages).subtracting(said).isEmpty, "/sync showed what was never acknowledged")
            let paged = try await Follower.messages(of: follower.client, in: room, at: readers)
            #expect(Array(paged.reversed()) == follower.messages, "/messages has another order than /sync")
            #expect(Set(paged).count == paged.count, "/messages showed an event twice")
            if let order { #expect(order == follower.messages, "the users saw two orders") }
            order = follower.messages
        }
    }
}

/// Set once, and seen by every task.
final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
