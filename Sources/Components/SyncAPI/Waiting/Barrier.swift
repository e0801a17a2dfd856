import Contracts
import Delivery
import Foundation
import SQL
import Topics

/// How far the owners of rooms and account data have come: what a reader's snapshot should have too.
struct OwnersHeads: Sendable {
    var userID: String
    var rooms: [RoomHead] = []
    /// Of the user's account data; 0: nothing to wait for.
    var data: Int64 = 0
    /// What was told of the user's presence just now; nil: nothing.
    var seenAt: (replica: String, state: Presence.State)?
}

/// Lets a reader wait, bounded, until the projection has what the owners have: so that what a client did a moment ago by
/// any replica shows in what it reads next.
final class Barrier: Sendable {
    private let roomserver: any RoomserverAPI
    private let users: any UserAPI
    private let database: Database
    private let cursors = SyncCursors()
    private let notifier: Notifier
    private static let longest = Duration.seconds(5)

    init(roomserver: any RoomserverAPI, users: any UserAPI, database: Database, notifier: Notifier) {
        self.roomserver = roomserver
        self.users = users
        self.database = database
        self.notifier = notifier
    }

    /// How long ago something may have happened that an answer about all of a user's rooms still makes sure to show, in
    /// milliseconds.
    private static let recently: Int64 = 10_000

    /// Of the rooms of a user that changed lately, and of the user's account data.
    func heads(of userID: String, withinMS: Int64 = recently) async throws -> OwnersHeads {
        async let rooms = roomserver.call(QueryUserHeads(userID: userID, withinMS: withinMS)).heads
        let data = try await users.call(QueryClientDataHead(userID: userID)).seq
        return OwnersHeads(userID: userID, rooms: try await rooms, data: data)
    }

    /// Of one room. Errors: M_NOT_FOUND where the roomserver does not know it.
    func heads(room roomID: String, for userID: String) async throws -> OwnersHeads {
        let head = try await roomserver.call(QueryRoomHead(roomID: roomID)).seq
        return OwnersHeads(userID: userID, rooms: [RoomHead(roomID: roomID, seq: head)])
    }

    func read<T: Sendable>(
        upTo heads: OwnersHeads, _ body: @escaping @Sendable (_ tx: Transaction, _ position: Int64) throws -> T
    ) async throws -> T {
        try await read(upTo: heads, asking: { _ in }) { tx, position, _ in try body(tx, position) }
    }

    /// Reads from a snapshot that has come as far as the owners had; when that takes too long, from what there is.
    /// - Parameter ask: has statements sent whose rows the body will want, so that they go out with those of the barrier.
    func read<Asked, T: Sendable>(
        upTo heads: OwnersHeads, asking ask: @escaping @Sendable (Transaction) throws -> Asked,
        _ body: @escaping @Sendable (_ tx: Transaction, _ position: Int64, Asked) throws -> T
    ) async throws -> T {
        let deadline = ContinuousClock.now + Self.longest
        var waits = true
        while true {
            let look = try await database.read { [cursors, waits] tx -> Look<T> in
                let current = try SyncPosition().currentAhead(in: tx)
                let behind = waits ? try cursors.behindAhead(heads, in: tx) : { nil }
                let asked = try ask(tx), position = try current()
                return if let rooms = try behind() { .behind(rooms: rooms, position) } else {
                    .current(try body(tx, position, asked))
                }
            }
            switch look {
            case .current(let value): return value
            case .behind(let rooms, let position):
                let interest = Notifier.Interest(userID: heads.userID, roomIDs: Set(rooms), seen: position)
                waits = await notifier.wait(interest, until: deadline) == .somethingNew && ContinuousClock.now < deadline
                try Task.checkCancellation()
            }
        }
    }

    private enum Look<T: Sendable>: Sendable {
        case current(T)
        case behind(rooms: [String], Int64)
    }
}

extension Int64 {
    /// Now, by this machine's clock, as events have it.
    static var millisecondsSince1970: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
