import Matrix
import Testing

@testable import RoomRules

@Suite struct EventBuilderTests {
    let key: SigningKey

    init() throws { key = try SigningKey(id: "ed25519:1", seed: [UInt8](repeating: 7, count: 32)) }

    private func message(_ content: JSONObject = ["body": "hello", "msgtype": "m.text"]) -> EventBuilder {
        EventBuilder(
            type: "m.room.message", sender: "@a:domain", roomID: "!r:domain", content: content, prevEvents: ["$p"],
            authEvents: ["$x", "$y"], depth: 5, originServerTS: 1_000
        )
    }

    private func build(_ builder: EventBuilder, _ version: RoomVersion) throws -> Event {
        try builder.build(version: version, signing: key, serverName: "domain")
    }

    @Test(arguments: RoomVersion.allCases)
    func whatIsBuiltIsReadSignedAndHashed(_ version: RoomVersion) throws {
        let event = try build(message(), version)
        #expect(try Event(parsing: event.bytes, version: version) == event)
        #expect(event.type == "m.room.message" && event.sender == "@a:domain" && event.roomID == "!r:domain")
        #expect(event.prevEvents == ["$p"] && event.authEvents == ["$x", "$y"] && event.depth == 5)
        #expect(event.content == ["body": "hello", "msgtype": "m.text"] && event.originServerTS == 1_000)
        #expect(event.stateKey == nil && !event.isState && event.redacts == nil)
        #expect(event.requiredSigners == ["domain"])
        #expect(throws: Never.self) { try event.checkSignatures { _ in [key.verifyKey] } }
        #expect(throws: MatrixError.self) { try event.checkSignatures { _ in [] } }
        #expect(ContentHash.isValid(event))
        #expect(try JSON(parsing: event.bytes).canonical() == event.bytes)
    }

    @Test func eventIDsHaveTheirVersionsForm() throws {
        #expect(try build(message(), .v2).eventID.hasSuffix(":domain"))
        // Among many hashes both special digits occur.
        let v3 = try (0..<50).map { try build(message(["n": .integer($0)]), .v3).eventID }
        let v4 = try (0..<50).map { try build(message(["n": .integer($0)]), .v4).eventID }
        #expect(v3.allSatisfy { $0.utf8.count == 44 } && v4.allSatisfy { $0.utf8.count == 44 })
        #expect(v3.contains { $0.contains("/") } && v3.contains { $0.contains("+") })
        #expect(!v4.contains { $0.contains("/") || $0.contains("+") })
        #expect(v4.contains { $0.contains("_") } && v4.contains { $0.contains("-") })
    }

    @Test func anotherReadersHashIsTheEventID() throws {
        let event = try build(message(), .v10)
        #expect(event.eventID == "$" + event.referenceHash.replacing("+", with: "-").replacing("/", with: "_"))
        #expect(try event.redacted().referenceHash == event.referenceHash)
    }

    @Test func earlyVersionsPointByPairs() throws {
        var builder = message()
        builder.referenceHashes = ["$p": "aGFzaA"]
        let event = try build(builder, .v1)
        #expect(event.object["prev_events"] == [["$p", ["sha256": "aGFzaA"]]])
        #expect(event.object["auth_events"] == [["$x", [:]], ["$y", [:]]])
        #expect(event.object["event_id"] == .string(event.eventID))
    }

    @Test func aChangedEventKeepsOnlyWhatIsSigned() throws {
        let event = try build(message(), .v10)
        var object = event.object
        object["content"] = ["body": "changed"]
        let changed = try Event(parsing: object.serialized(), version: .v10)
        #expect(changed.eventID == event.eventID)
        #expect(throws: Never.self) { try changed.checkSignatures { _ in [key.verifyKey] } }
        #expect(!ContentHash.isValid(changed))
        #expect(try ContentHash.checked(changed).content == [:])
        #expect(try ContentHash.checked(event) == event)
        object["depth"] = 6
        let moved = try Event(parsing: object.serialized(), version: .v10)
        #expect(throws: MatrixError.self) { try moved.checkSignatures { _ in [key.verifyKey] } }
    }

    @Test func redactsStandsWhereTheVersionWantsItAndForClientsInBothPlaces() throws {
        for version in RoomVersion.allCases {
            var builder = message(["reason": "spam"])
            builder.type = "m.room.redaction"
            builder.redacts = "$bad"
            let event = try build(builder, version)
            #expect(event.redacts == "$bad")
            #expect((event.object["redacts"] != nil) != version.rules.redactsInContent)
            #expect((event.content["redacts"] != nil) == version.rules.redactsInContent)
            let client = try #require(event.clientJSON().object)
            #expect(client["redacts"] == "$bad")
            #expect(client["content"] == ["reason": "spam", "redacts": "$bad"])
        }
    }

    @Test func fromVersion12OnTheCreateEventIsTheRoom() throws {
        var builder = message(["room_version": "12"])
        builder.type = "m.room.create"
        builder.stateKey = ""
        #expect(throws: MatrixError.self) { try build(builder, .v12) }
        builder.roomID = nil
        #expect(throws: MatrixError.self) { try build(builder, .v11) }
        let event = try build(builder, .v12)
        #expect(event.roomID == "!" + event.eventID.dropFirst())
        #expect(!event.statesRoomID)
        #expect(event.object["room_id"] == nil)
        #expect(event.clientJSON().object?["room_id"] == .string(event.roomID))
        #expect(RoomID(event.roomID) != nil)
        builder.type = "m.room.message"
        #expect(throws: MatrixError.self) { try build(builder, .v12) }
    }

    @Test func numbersThatCanonicalJSONLacksAreBadJSONFromVersion6On() throws {
        for number in [1.5, 1.0, JSON.integer(9_007_199_254_740_992)] as [JSON] {
            #expect(throws: Never.self) { try build(message(["n": number]), .v5) }
            do {
                _ = try build(message(["n": number]), .v6)
                Issue.record("taken: \(number)")
            } catch { #expect((error as? MatrixError)?.errcode == "M_BAD_JSON") }
        }
    }

    @Test func whatIsTooLongIsRefused() throws {
        func refused(_ change: (inout EventBuilder) -> Void) -> Bool {
            var builder = message()
            change(&builder)
            do {
                _ = try build(builder, .v11)
                return false
            } catch { return (error as? MatrixError)?.errcode == "M_TOO_LARGE" }
        }
        let long = String(repeating: "x", count: 255)
        #expect(!refused { $0.type = long })
        #expect(refused { $0.type = long + "x" })
        #expect(!refused { $0.stateKey = long })
        #expect(refused { $0.stateKey = long + "x" })
        #expect(refused { $0.sender = "@\(long):domain" })
        #expect(refused { $0.roomID = "!\(long):domain" })
        #expect(!refused { $0.content = ["body": .string(String(repeating: "x", count: 64_000))] })
        #expect(refused { $0.content = ["body": .string(String(repeating: "x", count: 65_536))] })
    }

    @Test func anotherServerSignsToo() throws {
        let other = try SigningKey(id: "ed25519:o", seed: [UInt8](repeating: 9, count: 32))
        var builder = message(["membership": "join", "join_authorised_via_users_server": "@b:other"])
        builder.type = "m.room.member"
        builder.stateKey = "@a:domain"
        let event = try build(builder, .v10)
        #expect(event.membership == "join")
        #expect(event.requiredSigners == ["domain", "other"])
        let keys = ["domain": [key.verifyKey], "other": [other.verifyKey]]
        #expect(throws: MatrixError.self) { try event.checkSignatures { keys[$0] ?? [] } }
        let signed = try event.signed(with: other, as: "other")
        #expect(signed.eventID == event.eventID)
        #expect(try Event(parsing: signed.bytes, version: .v10).eventID == event.eventID)
        #expect(throws: Never.self) { try signed.checkSignatures { keys[$0] ?? [] } }
        #expect(signed.keyIDs(of: "other") == ["ed25519:o"])
    }

    @Test func aThirdPartyInviteNeedsNoSignatureOfTheSender() throws {
        var builder = message(["membership": "invite", "third_party_invite": ["signed": [:]]])
        builder.type = "m.room.member"
        builder.stateKey = "@b:other"
        #expect(try build(builder, .v10).requiredSigners == [])
    }
}
