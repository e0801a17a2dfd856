import SQL

/// Walks along a room's events and takes those that the user may and wants to see, until a page is full.
struct PageWalk {
    let question: PageReader.Question
    let ignored: IgnoredUsers
    let tx: Transaction

    /// How many events are looked at, at the most, for one that is let through.
    private static let reach = 50

    /// Reads on until the page is full, there is no more, or more than enough was looked at. Only where nothing at all is
    /// left has the page no end: a client that has got something asks once more.
    /// - Parameter first: the first events of the stretch, where they are here already.
    func page(_ view: RoomView, first: [StoredEvent]? = nil) throws -> PageReader.Page {
        var page = PageReader.Page(), looked = 0, span = Self.span(of: question, last: view.last), read = first
        while question.limit > 0 {
            let events = try read ?? Self.events(of: question, span, in: tx)()
            read = nil
            for event in events {
                looked += 1
                if view.history.allows(event, to: question.userID), ignored.allows(event), question.filter?.allows(event) ?? true {
                    page.events.append(event)
                }
                if page.events.count == question.limit || looked >= question.limit * Self.reach {
                    page.end = end(at: event)
                    return page
                }
            }
            guard let event = events.last, events.count == question.limit else { break }
            switch question.direction {
            case .backward: span.high = event.position - 1
            case .forward: span.low = event.position
            }
        }
        page.end = page.events.last.map(end)
        return page
    }

    private func end(at event: StoredEvent) -> Int64 {
        question.direction == .backward ? event.position - 1 : event.position
    }

    static func span(of question: PageReader.Question, last: Int64) -> RoomSpan {
        switch question.direction {
        case .backward: RoomSpan(roomID: question.roomID, low: question.to ?? 0, high: min(question.from ?? .max, last))
        case .forward: RoomSpan(roomID: question.roomID, low: question.from ?? 0, high: min(question.to ?? .max, last))
        }
    }

    static func events(
        of question: PageReader.Question, _ span: RoomSpan, in tx: Transaction
    ) throws -> () throws -> [StoredEvent] {
        try EventsTable.ahead(of: span, newestFirst: question.direction == .backward, limit: question.limit, in: tx)
    }
}
