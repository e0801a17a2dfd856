import Matrix

/// Which events a receipt for a thread may name.
/// [Threaded read receipts](https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts)
enum ReceiptThread {
    /// How far relations are followed from an event to the thread that it is in.
    private static let depth = 3

    /// Whether an event is in a thread, or in none where that is `main`. A root is in both: what it begins, and what it is part of.
    /// - Parameter content: the content of an event; nil where it is not known.
    static func holds(
        _ eventID: String, in threadID: String, content: (_ eventID: String) async throws -> JSONObject?
    ) async throws -> Bool {
        var eventID = eventID
        for _ in 0..<depth {
            if eventID == threadID { return true }
            guard let relation = try await content(eventID)?["m.relates_to"]?.object, let type = relation["rel_type"]?.string,
                let parent = relation["event_id"]?.string
            else { return threadID == "main" }
            if type == "m.thread" { return parent == threadID }
            eventID = parent
        }
        return threadID == "main" || eventID == threadID
    }
}
