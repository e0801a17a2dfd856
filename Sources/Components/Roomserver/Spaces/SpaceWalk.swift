import Contracts
import Matrix
import SQL

/// A walk through what is in a space and in the spaces in it, as far as a user may know of them: each room once, every space
/// before what is in it.
/// [Space hierarchies](https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy)
struct SpaceWalk {
    private let userID: String
    private let limit: Int
    private let tx: Transaction
    private var place: SpaceToken
    private var rooms: [SummarizedRoom] = []
    private var children: [Int64: [String]] = [:]
    /// How many children were looked at.
    private var looked = 0

    /// The most rooms of a walk, and the most children that are looked at for a page.
    private static let longest = 1000, reach = 2000
    static let deepest = 100, largestPage = 100

    /// Errors: M_FORBIDDEN, M_INVALID_PARAM.
    init(_ call: QueryHierarchy, _ tx: Transaction) throws {
        userID = call.userID
        limit = min(max(call.limit, 1), Self.largestPage)
        self.tx = tx
        let maxDepth = min(max(call.maxDepth, 0), Self.deepest)
        place = SpaceToken(suggestedOnly: call.suggestedOnly, maxDepth: maxDepth)
        guard let root = try RoomOutline(of: call.roomID, tx), try root.isKnown(to: userID, tx) else {
            throw RoomAccess.refusal(userID)
        }
        guard let from = call.from else {
            try show(root)
            return
        }
        guard let token = SpaceToken(from), token.path.first?.space == root.room.nid else {
            throw MatrixError.invalidParam("from is not a token for this space")
        }
        guard token.suggestedOnly == place.suggestedOnly, token.maxDepth == place.maxDepth else {
            throw MatrixError.invalidParam("suggested_only and max_depth cannot change from page to page")
        }
        place = token
        if place.path.count > Self.deepest { throw MatrixError.invalidParam("from is not a token of this server") }
    }

    mutating func page() throws -> QueryHierarchy.Reply {
        while rooms.count < limit, looked < Self.reach, let roomID = try next() {
            looked += 1
            guard let room = try RoomTable.find(roomID, tx), !place.seen.contains(room.nid),
                let outline = try RoomOutline(room, tx), try outline.isKnown(to: userID, tx)
            else { continue }
            try show(outline)
        }
        return QueryHierarchy.Reply(rooms: rooms, nextBatch: try hasMore() ? place.text : nil)
    }

    private mutating func show(_ outline: RoomOutline) throws {
        let found = outline.isSpace ? try SpaceChildren(of: outline.room, suggestedOnly: place.suggestedOnly, tx) : nil
        rooms.append(outline.summary(children: found?.stripped ?? []))
        place.seen.insert(outline.room.nid)
        guard let found, place.path.count < place.maxDepth else { return }
        children[outline.room.nid] = found.roomIDs
        place.path.append(SpaceToken.Step(space: outline.room.nid, next: 0))
    }

    /// The next child of the deepest space that has one.
    private mutating func next() throws -> String? {
        guard try hasMore(), let step = place.path.last, let rooms = children[step.space] else { return nil }
        place.path[place.path.count - 1].next += 1
        return rooms[step.next]
    }

    /// Leaves the spaces whose children were all looked at, and whether there are others.
    private mutating func hasMore() throws -> Bool {
        if place.seen.count >= Self.longest { return false }
        while let step = place.path.last {
            if try step.next < childrenOfSpace(step.space).count { return true }
            place.path.removeLast()
        }
        return false
    }

    /// Of a space that a token names it is asked anew whether the user may know of it.
    private mutating func childrenOfSpace(_ space: Int64) throws -> [String] {
        if let known = children[space] { return known }
        var found: [String] = []
        if let room = try RoomTable.find(nid: space, tx), let outline = try RoomOutline(room, tx), outline.isSpace,
            try outline.isKnown(to: userID, tx)
        {
            found = try SpaceChildren(of: room, suggestedOnly: place.suggestedOnly, tx).roomIDs
        }
        children[space] = found
        return found
    }
}
