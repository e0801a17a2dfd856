import Matrix
import RoomRules
import Testing

@Suite struct StateKeyTests {
    /// Swift takes these two for one string; Matrix does not.
    @Test func placesAreTheSameOnlyByteForByte() {
        let composed = StateKey("m.room.member", "@\u{E9}:a.org")
        let decomposed = StateKey("m.room.member", "@e\u{301}:a.org")
        #expect(composed != decomposed)
        #expect([composed: 1, decomposed: 2].count == 2)
    }

    @Test func nobodyActsForAUserWhoseNameOnlyLooksTheSame() throws {
        let room = ShortRoom(version: .v11)
        let create = try room.event(["id": "$create", "type": "m.room.create", "sender": "@alice:a.org", "state_key": ""])
        let rules = try room.event([
            "type": "m.room.join_rules", "sender": "@alice:a.org", "state_key": "", "content": ["join_rule": "public"],
        ])
        let join = try room.event([
            "type": "m.room.member", "sender": "@\u{E9}:a.org", "state_key": "@e\u{301}:a.org", "content": ["membership": "join"],
        ])
        let state = [StateKey("m.room.create"): create, StateKey("m.room.join_rules"): rules]
        let reason = try reasonForRefusal { try authorize(join, against: { state[StateKey($0, $1)] }) }
        #expect(reason?.contains("for somebody else") == true)
    }
}
