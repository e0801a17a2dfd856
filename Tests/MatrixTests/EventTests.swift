import Matrix
import TestSupport
import Testing

@Suite struct EventTests {
    private var object: JSONObject {
        [
            "type": "m.room.message", "content": ["b": 1, "a": "\u{E9}"], "sender": "@a:b", "room_id": "!r:b", "depth": 3,
            "origin_server_ts": 7, "prev_events": ["$p"], "auth_events": [], "unsigned": ["age": 4],
        ]
    }

    private func read(_ version: RoomVersion = .v10, _ change: (inout JSONObject) -> Void = { _ in }) throws -> Event {
        var object = object
        change(&object)
        return try Event(parsing: object.serialized(), version: version)
    }

    @Test func itsFieldsAreRead() throws {
        let event = try read()
        #expect(event.unsigned == ["age": 4])
        #expect(event.senderServer == "b")
        #expect(event.content["a"] == "\u{E9}")
        #expect(event.statesRoomID)
        #expect(try read { $0["state_key"] = "" }.isState("m.room.message"))
        #expect(try !read().isState("m.room.message"))
    }

    @Test(arguments: ["type", "content", "sender", "room_id", "depth", "origin_server_ts", "prev_events", "auth_events"])
    func whatLacksAFieldIsRefused(_ field: String) {
        #expect(throws: MatrixError.self) { try read { $0[field] = nil } }
        #expect(throws: MatrixError.self) { try read { $0[field] = nil } }
        #expect(throws: MatrixError.self) { try read { $0[field] = true } }
    }

    @Test func badIdentifiersAreRefused() {
        #expect(throws: MatrixError.self) { try read { $0["sender"] = "a:b" } }
        #expect(throws: MatrixError.self) { try read { $0["room_id"] = "r:b" } }
        #expect(throws: MatrixError.self) { try read { $0["state_key"] = 1 } }
        #expect(throws: MatrixError.self) { try read { $0["prev_events"] = [["$p", [:]]] } }
        #expect(throws: MatrixError.self) { try read(.v1) { $0["event_id"] = "$e:b" } }
    }

    @Test func spellingDoesNotChangeTheID() throws {
        let event = try read()
        let spaced = Array(event.bytes.map { $0 == UInt8(ascii: ",") ? [$0, 0x20, 0x0A] : [$0] }.joined())
        let read = try Event(parsing: spaced, version: .v10)
        #expect(read.eventID == event.eventID)
        #expect(read != event)
    }

    @Test func aKnownIDIsBelieved() throws {
        #expect(try Event(parsing: read().bytes, version: .v10, eventID: "$known").eventID == "$known")
    }

    @Test func clientsSeeTheContentsOwnBytes() throws {
        let content = #"{"b" : 1,"a":"\u00e9"}"#
        let text = """
            {"type":"x","content":\(content),"sender":"@a:b","room_id":"!r:b","depth":1,"origin_server_ts":7,"prev_events":[],
            "auth_events":[],"state_key":"k\\"","hashes":{},"unsigned":{"age":1}}
            """
        let event = try Event(parsing: Array(text.utf8), version: .v10, eventID: "$e")
        let (id, room, rest) = (#","event_id":"$e""#, #""room_id":"!r:b","#, #""sender":"@a:b","state_key":"k\"","type":"x"}"#)
        let expected = #"{"content":\#(content)\#(id),"origin_server_ts":7,\#(room)\#(rest)"#
        #expect(event.clientJSON().description == expected)
        let unsigned = event.clientJSON(includeRoomID: false, unsigned: ["age": 5, "transaction_id": "t"])
        #expect(unsigned.object?["room_id"] == nil)
        #expect(unsigned.object?["unsigned"] == ["age": 5, "transaction_id": "t"])
        #expect(event.strippedJSON().description == #"{"content":\#(content),\#(rest)"#)
        #expect(event.contentJSON.description == content)
    }

    @Test(arguments: RoomVersion.allCases) func whatClientsSeeIsMadeFromTheBytesAlone(version: RoomVersion) throws {
        let events: [(inout JSONObject) -> Void] = [
            { _ in },
            { $0["state_key"] = "" },
            { $0["state_key"] = "é\"\\\n" },
            { $0["content"] = [:] },
            { $0["type"] = "m.room.redaction"; $0["redacts"] = "$old"; $0["content"] = ["redacts": "$new"] },
        ]
        for change in events {
            var object = object
            if version.rules.eventsCarryIDs { object["prev_events"] = [["$p:b", ["sha256": "x"]]] }
            change(&object)
            let event = try Event(parsing: object.serialized(), version: version, eventID: "$e")
            for roomID in [nil, "!r:b"] {
                var writer = JSONWriter()
                try ClientEvent(pdu: event.bytes, version: version, eventID: "$e").append(to: &writer, roomID: roomID, now: 10) {
                    $0.literal(",\"membership\":\"join\"")
                }
                let expected = event.clientJSON(includeRoomID: roomID != nil, unsigned: ["age": 3, "membership": "join"])
                #expect(try JSON(parsing: writer.bytes) == expected.parsed())
            }
        }
        #expect(throws: MatrixError.self) { try ClientEvent(pdu: Array("[]".utf8), version: version, eventID: "$e") }
    }

    @Test func earlyVersionsTakeNumbersThatLaterOnesRefuse() throws {
        let lax: (inout JSONObject) -> Void = {
            $0["content"] = ["n": 1.5]
            $0["depth"] = .integer(.max)
        }
        #expect(try read(.v5, lax).depth == .max)
        #expect(throws: MatrixError.self) { try read(.v6, lax) }
    }

    @Test func nulIsCarriedInContentAndRefusedInWhatEventsAreFoundBy() throws {
        #expect(try read { $0["content"] = ["a\0": "\0"] }.content == ["a\0": "\0"])
        for field in ["type", "state_key", "sender", "room_id"] {
            #expect(throws: MatrixError.self) { try read { $0[field] = .string(($0[field]?.string ?? "") + "\0") } }
        }
        #expect(throws: MatrixError.self) { try read { $0["prev_events"] = ["$\0"] } }
        #expect(throws: MatrixError.self) { try read { $0["auth_events"] = [.string(String(repeating: "x", count: 256))] } }
        #expect(try read { $0["redacts"] = "$\0" }.redacts == nil)
    }

    @Test func earlyEventsBearAnIDWithTheirServer() throws {
        let event = try read(.v2) {
            $0["prev_events"] = [["$p", [:]]]
            $0["event_id"] = "$e:b"
        }
        #expect(event.eventID == "$e:b")
        #expect(event.prevEvents == ["$p"])
        for id in ["$e", "e:b", "$e:"] {
            #expect(throws: MatrixError.self) {
                try read(.v2) {
                    $0["prev_events"] = []
                    $0["event_id"] = .string(id)
                }
            }
        }
    }

    struct Known: Decodable {
        let room_version: RoomVersion
        let event_id: String
        let room_id: String
        let pdu: RawJSON
    }

    /// Against IDs that another program (`Tests/Vectors/events/make.py`) computed.
    @Test func idsAreThoseThatOthersCompute() throws {
        let all = try JSONCoder.decode([Known].self, from: vector("events/ids.json"))
        #expect(Set(all.map(\.room_version)).count == 10)
        for known in all {
            let event = try Event(parsing: known.pdu.bytes, version: known.room_version)
            #expect(event.eventID == known.event_id)
            #expect(event.roomID == known.room_id)
        }
    }

    @Test func whiteSpaceDoesNotCountAgainstTheSize() throws {
        let bytes = try read().bytes
        #expect(throws: Never.self) { try Event(parsing: bytes + [UInt8](repeating: 0x20, count: 70_000), version: .v10) }
        #expect(throws: MatrixError.self) { try read { $0["content"] = ["b": .string(String(repeating: "x", count: 66_000))] } }
    }

    @Test func itIsCodedWithItsBytes() throws {
        let event = try read()
        #expect(try JSONCoder.decode([Event].self, from: JSONCoder.encode([event])) == [event])
    }

    @Test func oneThatIsNestedAsDeepAsIsTakenIsCodedInsideOtherThings() throws {
        func nested(_ depth: Int) -> JSON { (1..<depth).reduce([:] as JSON) { inner, _ in ["a": inner] } }
        let event = try read { $0["content"] = nested(99) }
        #expect(throws: MatrixError.self) { try read { $0["content"] = nested(100) } }
        #expect(try JSONCoder.decode([[Event]].self, from: JSONCoder.encode([[event]])) == [[event]])
    }
}
