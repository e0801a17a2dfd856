import Matrix

/// How an event relates to another.
/// [Forming relationships between events](https://spec.matrix.org/v1.19/client-server-api/#forming-relationships-between-events)
struct Relation: Sendable, Equatable {
    var parentID: String
    var type: String

    static let replacement = "m.replace", reference = "m.reference", thread = "m.thread", annotation = "m.annotation"

    init(parentID: String, type: String) {
        self.parentID = parentID
        self.type = type
    }

    /// Nil where the content names no relation, or one that nothing could be found by.
    init?(_ content: JSONObject) {
        guard let relatesTo = content["m.relates_to"]?.object, let type = relatesTo["rel_type"]?.string,
            let parentID = relatesTo["event_id"]?.string, Self.isName(type), Self.isName(parentID)
        else { return nil }
        self.init(parentID: parentID, type: type)
    }

    /// Whether a text is short enough, and such as databases take, to name an event or a kind of relation.
    static func isName(_ text: String) -> Bool { (1...255).contains(text.utf8.count) && !text.utf8.contains(0) }
}

extension StoredEvent {
    /// The content, read anew.
    var content: JSONObject { (try? JSON(parsing: pdu))?["content"]?.object ?? [:] }
}
