import Matrix

/// What a restricted room asks of those who join.
/// [Restricted rooms](https://spec.matrix.org/v1.19/client-server-api/#restricted-rooms)
enum JoinCondition {
    /// The rooms of which a member may join, as the content of `m.room.join_rules` has them.
    static func rooms(of content: JSONObject) -> [String] {
        (content["allow"]?.array ?? []).prefix(1000).compactMap { condition in
            guard condition["type"]?.string == "m.room_membership", let room = condition["room_id"]?.string else { return nil }
            return room.utf8.contains(0) ? nil : room
        }
    }
}
