import Matrix
import RoomRules
import TestSupport
import Testing

@Suite struct ContentHashTests {
    struct Known: Decodable {
        let room_version: RoomVersion
        let pdu: RawJSON
    }

    @Test func hashesThatOthersComputedAreValid() throws {
        for known in try JSONCoder.decode([Known].self, from: vector("events/ids.json")) {
            #expect(ContentHash.isValid(try Event(parsing: known.pdu.bytes, version: known.room_version)))
        }
    }
}
