import Matrix
import SQL

/// What events are found by beside their places: what they relate to, and the words in them.
struct EventIndex {
    private var relations: [RelationsTable.Row] = []
    private var words: [SearchTable.Row] = []

    mutating func add(_ event: Event, room roomID: String, position: Int64) {
        if let row = RelationsTable.Row(event, room: roomID, position: position) { relations.append(row) }
        if let row = SearchTable.Row(event, room: roomID, position: position) { words.append(row) }
    }

    /// Leaves out what is there already.
    mutating func keepNew(in tx: Transaction) throws {
        let related = try RelationsTable.known(among: relations.map(\.position), in: tx)
        relations.removeAll { related.contains($0.position) }
        let found = try SearchTable.known(among: words.map(\.position), in: tx)
        words.removeAll { found.contains($0.position) }
    }

    func write(in tx: Transaction) throws {
        if !relations.isEmpty {
            try RelationsTable.insert(relations, in: tx)
            try ThreadsTable.extend(with: relations, in: tx)
        }
        try SearchTable.insert(words, in: tx)
    }
}
