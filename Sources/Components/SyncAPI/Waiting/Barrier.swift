import Contracts
import Delivery
import SQL
import Topics

/// Lets a reader wait, bounded, until the projection has what the owners have: so that what a client did a moment ago by
/// any replica shows in what it reads next.
struct Barrier: Sendable {
    let roomserver: any RoomserverAPI
    let users: any UserAPI
    let database: Database
    let cursors: SyncCursors
    let notifier: Notifier
    private static let longest = Duration.seconds(5)

    /// Waits for the rooms of a user that changed lately, and for the user's account data.
    func pass(user userID: String, withinMS: Int64) async throws {
        async let rooms = roomserver.call(QueryUserHeads(userID: userID, withinMS: withinMS)).heads
        let dataCursor = try await database.read { [cursors] in try cursors.position(user: userID, in: $0) }
        let data = try await users.call(QueryClientDataOutput(userID: userID, after: dataCursor)).messages.last
        try await wait(for: try await rooms, data: data?.seq ?? 0, user: userID)
    }

    /// Waits for one room. Errors: M_NOT_FOUND where the roomserver does not know it.
    func pass(room roomID: String, user userID: String) async throws {
        let head = try await roomserver.call(QueryRoomHead(roomID: roomID)).seq
        try await wait(for: [RoomHead(roomID: roomID, seq: head)], data: 0, user: userID)
    }

    private func wait(for heads: [RoomHead], data: Int64, user userID: String) async throws {
        guard !heads.isEmpty || data > 0 else { return }
        let cursors = cursors
        let deadline = ContinuousClock.now + Self.longest
        while ContinuousClock.now < deadline {
            let (behind, isDataBehind, position) = try await database.read { tx in
                let behind = try cursors.behind(heads, in: tx)
                let isDataBehind = try data > 0 && cursors.position(user: userID, in: tx) < data
                return (behind, isDataBehind, try SyncPosition().current(in: tx))
            }
            if behind.isEmpty && !isDataBehind { return }
            let wake = await notifier.wait(.init(userID: userID, roomIDs: behind, seen: position), until: deadline)
            try Task.checkCancellation()
            if wake != .somethingNew { return }
        }
    }
}
