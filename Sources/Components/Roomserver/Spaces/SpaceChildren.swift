import Matrix
import SQL

/// What is in a space, in the order in which it is shown.
/// [m.space.child](https://spec.matrix.org/v1.19/client-server-api/#mspacechild)
struct SpaceChildren {
    /// The most children of one space that are looked at.
    private static let most = 2000
    let events: [Event]

    var roomIDs: [String] { events.compactMap(\.stateKey) }

    init(of space: RoomRow, suggestedOnly: Bool, _ tx: Transaction) throws {
        let events = try CurrentStateTable.find(type: "m.space.child", limit: Self.most, in: space, tx)
            .filter { Self.isChild($0) && (!suggestedOnly || $0.content["suggested"]?.bool == true) }
        self.events = events.map { (Place($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// As clients see them: stripped, with their times.
    var stripped: [RawJSON] {
        events.map { event in
            var object = event.strippedJSON().object ?? [:]
            object["origin_server_ts"] = .integer(event.originServerTS)
            return RawJSON(object)
        }
    }

    /// A child whose event names no server to find it by was taken out.
    private static func isChild(_ event: Event) -> Bool {
        guard let via = event.content["via"]?.array, !via.isEmpty, let room = event.stateKey else { return false }
        return via.allSatisfy { $0.string != nil } && RoomID(room) != nil
    }

    /// [Ordering of children](https://spec.matrix.org/v1.19/client-server-api/#ordering-of-children-within-a-space): what has
    /// an order comes first.
    private struct Place: Comparable {
        let order: [UInt8]?
        let time: Int64
        let roomID: [UInt8]

        init(_ event: Event) {
            let text = event.content["order"]?.string.map { Array($0.utf8) }
            order = text.flatMap { $0.count <= 50 && $0.allSatisfy { (0x20...0x7E).contains($0) } ? $0 : nil }
            time = event.originServerTS
            roomID = Array((event.stateKey ?? "").utf8)
        }

        static func < (left: Self, right: Self) -> Bool {
            switch (left.order, right.order) {
            case (let one?, let other?) where one != other: one.lexicographicallyPrecedes(other)
            case (_?, nil): true
            case (nil, _?): false
            default: left.time == right.time ? left.roomID.lexicographicallyPrecedes(right.roomID) : left.time < right.time
            }
        }
    }
}
