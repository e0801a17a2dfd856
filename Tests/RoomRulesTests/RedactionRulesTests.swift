import Matrix
import RoomRules
import Testing

@Suite struct RedactionRulesTests {
    private func applies(by sender: String, in version: RoomVersion) throws -> Bool {
        let room = ShortRoom(version: version)
        let message = try room.event(["id": "$message", "type": "m.room.message", "sender": "@bob:b.org"])
        let redaction = try room.event([
            "id": "$redaction", "type": "m.room.redaction", "sender": .string(sender), "redacts": "$message",
            "content": ["redacts": "$message"],
        ])
        let levels = PowerLevels(content: ["users": ["@mod:a.org": 50]], creators: Creators(), version: version)
        return redactionApplies(redaction, to: message, powerLevels: levels)
    }

    @Test(arguments: RoomVersion.allCases.filter { !$0.rules.authorizesRedactions })
    func aRedactionTakesTheLevelOrTheSendersServer(_ version: RoomVersion) throws {
        #expect(try applies(by: "@mod:a.org", in: version))
        #expect(try applies(by: "@other:b.org", in: version))
        #expect(try !applies(by: "@carol:a.org", in: version))
    }

    @Test(arguments: RoomVersion.allCases.filter(\.rules.authorizesRedactions))
    func inOldVersionsAnAcceptedRedactionApplies(_ version: RoomVersion) throws {
        #expect(try applies(by: "@carol:a.org", in: version))
    }
}
