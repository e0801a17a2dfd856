import Delivery
import SQL
import Topics

/// Writes what was told, each thing at a position of its own. Their effects and the moves of their keys' cursors are one
/// transaction.
struct ProjectionWriting {
    private let items: [Projection]
    /// The events among them, by their place.
    private let told: [Int: ToldEvent]
    /// What the cursors say of each.
    private let steps: [Int: Cursors.Step]
    private(set) var touched = Touched()
    private let rules: KnownRules
    /// Who has push rules of their own in the rooms of the events; nil once these may have changed.
    private var ruled: [PushRulesTable.Member]?
    /// Events that follow each other: they are written together.
    private var events: RoomEventsProjection

    /// Moves the cursors, and reads what is needed along with that.
    init(_ items: [Projection], cursors: Cursors, rules: KnownRules, in tx: Transaction) throws {
        self.items = items
        self.rules = rules
        var told: [Int: ToldEvent] = [:]
        for (index, item) in items.enumerated() {
            if case .room(.newEvent(let event), _, _) = item { told[index] = try ToldEvent(event) }
        }
        self.told = told
        let before = try MembershipsTable.current(told.values.compactMap(\.member), in: tx)
        let rulers = try PushRulesTable.membersAhead(of: Array(Set(told.values.map(\.told.roomID))), in: tx)
        let logged = items.indices.filter { items[$0].entry != nil }
        let moved = try cursors.advance(logged.compactMap { items[$0].entry }, in: tx)
        steps = Dictionary(uniqueKeysWithValues: zip(logged, moved))
        let ruled = try rulers()
        self.ruled = ruled
        events = RoomEventsProjection(memberships: try before(), rules: rules, ruled: ruled)
    }

    /// What became of each.
    mutating func write(from first: Int64, in tx: Transaction) throws -> [Cursors.Step] {
        let outcomes = try items.enumerated().map { index, item -> Cursors.Step in
            if let step = steps[index], step != .apply { return step }
            let position = first + Int64(index)
            if let event = told[index] {
                events.add(event, at: position)
                return .apply
            }
            return try write(item, at: position, in: tx) ? .apply : .drop
        }
        try writeEvents(in: tx)
        return outcomes
    }

    /// Returns whether it changed anything.
    private mutating func write(_ item: Projection, at position: Int64, in tx: Transaction) throws -> Bool {
        // It may be about the events before it.
        try writeEvents(in: tx)
        switch item {
        case .room(.newEvent, _, _): break
        case .room(.forgotten(let told), _, _): try MembershipsTable.forget(told.userID, room: told.roomID, in: tx)
        case .clientData(let data, _, _) where data.isErasure == true:
            try AccountDataTable.deleteAll(of: data.userID, in: tx)
            try PushRulesTable.deleteAll(of: data.userID, in: tx)
            try ErasedTable.insert(data.userID, in: tx)
            touched.users.insert(data.userID)
            forgetRules()
        case .clientData(let data, _, _):
            try AccountDataTable.upsert(data, position: position, in: tx)
            if try PushRulesTable.record(data, position: position, in: tx) { forgetRules() }
            touched.users.insert(data.userID)
        case .typing(let typing):
            guard try TypingTable.record(typing, position: position, in: tx) else { return false }
            touched.rooms.insert(typing.roomID)
        case .receipt(let receipt):
            guard try ReceiptsTable.record(receipt, position: position, in: tx) else { return false }
            try RoomsTable.touch(receipt.roomID, position: position, in: tx)
            if receipt.isPrivate { touched.users.insert(receipt.userID) } else { touched.rooms.insert(receipt.roomID) }
        case .typingExpiry:
            touched.rooms.formUnion(try TypingTable.expire(before: try tx.now, position: position, in: tx))
        case .presence(let update):
            let changed = try PresenceProjection(tx: tx, position: position).write(update)
            // Whoever waits to see that it was heard is told in any case.
            touched.users.insert(update.userID)
            try touchOthers(changed, in: tx)
        case .presenceExpiry:
            try touchOthers(try PresenceProjection(tx: tx, position: position).age(), in: tx)
        }
        return true
    }

    /// Who has push rules of their own is read again.
    private mutating func forgetRules() {
        ruled = nil
        events = RoomEventsProjection(memberships: events.memberships, rules: rules, ruled: nil)
    }

    /// Records that users did something, as of the last position.
    mutating func writeActors(_ userIDs: [String], at position: Int64, in tx: Transaction) throws {
        try touchOthers(try PresenceProjection(tx: tx, position: position).act(userIDs), in: tx)
    }

    /// So many rooms are told of users' presence at once. Who waits in another looks when next something happens there.
    private static let mostRoomsTold = 1_000

    /// Wakes those who are to hear of users' presence.
    private mutating func touchOthers(_ userIDs: [String], in tx: Transaction) throws {
        touched.users.formUnion(userIDs)
        touched.rooms.formUnion(try PresenceTable.rooms(of: userIDs, limit: Self.mostRoomsTold, in: tx).map(\.roomID))
    }

    private mutating func writeEvents(in tx: Transaction) throws {
        if events.isEmpty { return }
        try events.write(in: tx)
        touched.rooms.formUnion(events.rooms)
        touched.users.formUnion(events.users)
        if !events.users.isEmpty { ruled = nil }
        events = RoomEventsProjection(memberships: events.memberships, rules: rules, ruled: ruled)
    }
}
