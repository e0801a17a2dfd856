import Matrix
import SQL

/// What relates to events and is told along with them: the newest edit, the references, the thread.
/// [Aggregations of child events](https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events)
struct Bundles {
    private let edits: [String: StoredEvent]
    private let references: [String: [String]]
    private let threads: [String: BundlesTable.Thread]
    /// The newest event of each thread, by the thread's root.
    private let latest: [String: StoredEvent]
    private let latestEdits: [String: StoredEvent]
    private let histories: [String: MembershipHistory]
    private let userID: String

    /// - Parameter histories: how the user's membership went, by room: what they may not see is not bundled.
    init(of events: [StoredEvent], for userID: String, _ histories: [String: MembershipHistory], in tx: Transaction) throws {
        self.userID = userID
        self.histories = histories
        let related = Set(try BundlesTable.parents(among: events, in: tx))
        let parents = events.filter { related.contains($0.eventID) }.map { event in
            BundlesTable.Parent(event: event, horizon: histories[event.roomID]?.horizon ?? .max)
        }
        // Of what is redacted, only the thread stands.
        let whole = parents.filter { $0.event.redactedBecause == nil }
        let found = try BundlesTable.edits(of: whole.filter(\.mayBeEdited), in: tx)
        let referring = try BundlesTable.references(to: whole, in: tx)
        let threads = try BundlesTable.threads(of: parents, for: userID, in: tx)
        let latest = try BundlesTable.latest(of: threads, in: tx).filter {
            histories[$1.roomID]?.allows($1, to: userID) ?? true
        }
        let erasures = try Erasures(among: Array(found.values) + Array(latest.values), histories, in: tx)
        edits = found.filter { histories[$1.roomID]?.allows($1, to: userID) ?? true && !erasures.hides($1) }
        references = referring
        self.threads = threads
        self.latest = latest.mapValues { erasures($0) }
        let answers = latest.values.filter { !erasures.hides($0) }.map { event in
            BundlesTable.Parent(event: event, horizon: histories[event.roomID]?.horizon ?? .max)
        }
        latestEdits = try BundlesTable.edits(of: answers.filter(\.mayBeEdited), in: tx).filter {
            histories[$1.roomID]?.allows($1, to: userID) ?? true
        }
    }

    /// The value of `m.relations` for each event that has one.
    func rendered(by render: EventRendering) throws -> [String: [UInt8]] {
        var plain = render
        plain.fields = nil
        plain.bundles = [:]
        var bundles: [String: [UInt8]] = [:]
        for eventID in Set(edits.keys).union(references.keys).union(latest.keys) {
            var parts: [(name: String, value: [UInt8])] = []
            if let edit = edits[eventID] { parts.append((Relation.replacement, try bytes(of: edit, plain))) }
            if let references = references[eventID] { parts.append((Relation.reference, chunk(references))) }
            if let thread = threads[eventID], let latest = latest[eventID] {
                parts.append((Relation.thread, try summary(thread, latest, plain)))
            }
            bundles[eventID] = object(parts)
        }
        return bundles
    }

    private func bytes(of event: StoredEvent, _ render: EventRendering) throws -> [UInt8] {
        try render(event, membership: histories[event.roomID]?.membership(at: event.position)).bytes
    }

    private func chunk(_ references: [String]) -> [UInt8] {
        JSON.object(["chunk": .array(references.map { ["event_id": .string($0)] })]).serialized()
    }

    private func summary(_ thread: BundlesTable.Thread, _ latest: StoredEvent, _ plain: EventRendering) throws -> [UInt8] {
        var render = plain
        if let edit = latestEdits[latest.eventID] {
            render.bundles[latest.eventID] = object([(Relation.replacement, try bytes(of: edit, plain))])
        }
        return object([
            ("latest_event", try bytes(of: latest, render)),
            ("count", JSON.integer(thread.count).serialized()),
            ("current_user_participated", JSON.bool(thread.isParticipant).serialized()),
        ])
    }

    private func object(_ parts: [(name: String, value: [UInt8])]) -> [UInt8] {
        var writer = JSONWriter(capacity: parts.reduce(2) { $0 + $1.value.count + $1.name.utf8.count + 4 })
        writer.byte("{")
        for (index, part) in parts.enumerated() {
            if index > 0 { writer.byte(",") }
            writer.string(part.name)
            writer.byte(":")
            writer.bytes.append(contentsOf: part.value)
        }
        writer.byte("}")
        return writer.bytes
    }
}

extension EventRendering {
    /// The same, with what relates to some events bundled.
    func bundling(
        _ events: [StoredEvent], _ histories: [String: MembershipHistory], in tx: Transaction
    ) throws -> EventRendering {
        if isFederationFormat || events.isEmpty { return self }
        var render = self
        render.bundles = try Bundles(of: events, for: userID, histories, in: tx).rendered(by: self)
        return render
    }
}

extension MembershipHistory {
    /// Above which position there is nothing for the user to see, but where anybody may.
    var horizon: Int64 { steps.last.map { $0.membership == "join" ? .max : $0.position } ?? .max }
}
