import Matrix
import SQL

/// Reads a page of what a user may see of a room. A token means the place between the event at its position and the next.
struct PageReader {
    /// What is asked for.
    struct Question: Sendable {
        enum Direction: String { case backward = "b", forward = "f" }

        var roomID: String
        var userID: String
        var direction: Direction
        var from: Int64?
        var to: Int64?
        var filter: EventFilter?
        var limit: Int
    }

    struct Page: Sendable {
        var events: [StoredEvent] = []
        /// Absent at the end of what the user may see.
        var end: Int64?
    }

    private let question: Question
    private let histories: () throws -> [String: MembershipHistory]
    private let ignoring: () throws -> IgnoredUsers
    private let first: () throws -> [StoredEvent]
    private let tx: Transaction

    /// Asks for what a member needs, with the next statement that is waited for: where nobody may see it, it is not looked at.
    init(_ question: Question, in tx: Transaction) throws {
        (self.question, self.tx) = (question, tx)
        histories = try EventsTable.membershipHistoriesAhead(of: question.userID, rooms: [question.roomID], in: tx)
        ignoring = try IgnoredUsers.ahead(of: question.userID, in: tx)
        first = try PageWalk.events(of: question, PageWalk.span(of: question, last: .max), in: tx)
    }

    /// The page, and how the user's membership went.
    ///
    /// Errors: M_FORBIDDEN for a user who never was in the room, where it is not world readable.
    /// - Parameter position: the snapshot's.
    func read(at position: Int64) throws -> (page: Page, history: MembershipHistory) {
        let history = try histories()[question.roomID] ?? MembershipHistory(steps: [])
        let view = try RoomView(of: question.userID, to: question.roomID, history, at: position, in: tx)
        let walk = PageWalk(question: question, ignored: try ignoring(), tx: tx)
        return (try walk.page(view, first: view.membership == "join" ? first() : nil), history)
    }
}
