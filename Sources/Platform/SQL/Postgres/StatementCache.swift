import CPostgres

/// The names of the statements that one connection has prepared; when full, the one longest unused makes room.
struct StatementCache {
    struct Key: Hashable {
        var text: String
        var types: [Oid]
    }

    private struct Entry {
        var name: String
        var lastUse: Int
    }

    let limit: Int
    private var entries: [Key: Entry] = [:]
    private var uses = 0
    private var made = 0

    init(limit: Int) { self.limit = limit }

    mutating func name(for key: Key) -> String? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name no statement has had.
    mutating func newName() -> String {
        made += 1
        return "s\(made)"
    }

    mutating func insert(_ name: String, for key: Key) {
        uses += 1
        entries[key] = Entry(name: name, lastUse: uses)
    }

    /// Forgets one statement, whose name is to be deallocated, if there is no room for another.
    mutating func evictIfFull() -> String? {
        guard entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }

    var isEmpty: Bool { entries.isEmpty }

    mutating func removeAll() { entries.removeAll() }
}
