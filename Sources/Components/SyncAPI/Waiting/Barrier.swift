import Contracts
import SQL

/// Lets a reader wait, bounded, until the projection has what the roomserver has: so that what a client did a moment ago
/// by any replica shows in what it reads next.
struct Barrier: Sendable {
    let roomserver: any RoomserverAPI
    let database: Database
    let cursors: SyncCursors
    let notifier: Notifier
    private static let longest = Duration.seconds(5)

    /// Waits for the rooms of a user that changed lately.
    func pass(user userID: String, withinMS: Int64) async throws {
        try await wait(for: try await roomserver.call(QueryUserHeads(userID: userID, withinMS: withinMS)).heads, user: userID)
    }

    /// Waits for one room. Errors: M_NOT_FOUND where the roomserver does not know it.
    func pass(room roomID: String, user userID: String) async throws {
        let head = try await roomserver.call(QueryRoomHead(roomID: roomID)).seq
        try await wait(for: [RoomHead(roomID: roomID, seq: head)], user: userID)
    }

    private func wait(for heads: [RoomHead], user userID: String) async throws {
        guard !heads.isEmpty else { return }
        let cursors = cursors
        let deadline = ContinuousClock.now + Self.longest
        var behind = heads
        while ContinuousClock.now < deadline {
            let waiting = behind
            let (still, position) = try await database.read { tx in
                let position = try SyncPosition().current(in: tx)
                return (try waiting.filter { try cursors.position(room: $0.roomID, in: tx) < $0.seq }, position)
            }
            if still.isEmpty { return }
            behind = still
            await notifier.wait(.init(userID: userID, roomIDs: still.map(\.roomID), seen: position), until: deadline)
            try Task.checkCancellation()
        }
    }
}
