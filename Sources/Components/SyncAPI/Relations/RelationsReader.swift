import Matrix
import SQL

/// Reads a page of what relates to an event, as far as a user may see it.
struct RelationsReader {
    /// What is asked for.
    struct Question: Sendable {
        var userID: String
        var children: RelationsTable.Children
        var direction: PageReader.Question.Direction
        var from: Int64?
        var to: Int64?
        var limit: Int
    }

    let question: Question
    let tx: Transaction

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 20

    /// The page, and how the user's membership went.
    ///
    /// Errors: M_NOT_FOUND where there is no such event that the user may see.
    /// - Parameter position: the snapshot's.
    func read(at position: Int64) throws -> (page: PageReader.Page, history: MembershipHistory) {
        let roomID = question.children.roomID
        let histories = try EventsTable.membershipHistoriesAhead(of: question.userID, rooms: [roomID], in: tx)
        let parent = try EventsTable.event(question.children.parentID, room: roomID, in: tx)
        let history = try histories()[roomID] ?? MembershipHistory(steps: [])
        guard let parent, history.allows(parent, to: question.userID) else {
            throw MatrixError.notFound("There is no such event that \(question.userID) may see")
        }
        return (try page(history, at: position), history)
    }

    private func page(_ history: MembershipHistory, at position: Int64) throws -> PageReader.Page {
        let isBackward = question.direction == .backward
        var low = (isBackward ? question.to : question.from) ?? 0
        var high = min((isBackward ? question.from : question.to) ?? .max, position)
        var page = PageReader.Page(), looked = 0
        while true {
            let events = try RelationsTable.events(
                question.children, above: low, through: high, newestFirst: isBackward, limit: question.limit + 1, in: tx)
            for event in events {
                if page.events.count == question.limit || looked == question.limit * Self.reach {
                    page.end = isBackward ? high : low
                    return page
                }
                if history.allows(event, to: question.userID) { page.events.append(event) }
                looked += 1
                if isBackward { high = event.position - 1 } else { low = event.position }
            }
            if events.count <= question.limit { return page }
        }
    }
}
