import Matrix
import Testing

@Suite struct RoomVersionTests {
    @Test func twelveVersionsAreKnownAndTheLastIsTheDefault() {
        #expect(RoomVersion.allCases.map(\.rawValue) == (1...12).map(String.init))
        #expect(RoomVersion.default == .v12)
        #expect(RoomVersion("13") == nil)
        #expect(RoomVersion("01") == nil)
    }

    @Test func eachVersionBeginsWhatItBegan() {
        func first(_ holds: (RoomVersionRules) -> Bool) -> RoomVersion? { RoomVersion.allCases.first { holds($0.rules) } }
        func stays(_ holds: @escaping (RoomVersionRules) -> Bool) -> Bool {
            let values = RoomVersion.allCases.map { holds($0.rules) }
            return values == values.sorted { !$0 && $1 }
        }
        let beginnings: [(RoomVersion, (RoomVersionRules) -> Bool)] = [
            (.v2, { $0.stateResolution != .v1 }), (.v3, { $0.eventIDs != .assigned }), (.v3, { !$0.authorizesRedactions }),
            (.v4, { $0.eventIDs == .urlSafeHash }), (.v5, { $0.enforcesKeyValidity }), (.v6, { $0.requiresCanonicalJSON }),
            (.v6, { !$0.aliasesAreSpecial }), (.v6, { $0.guardsNotificationLevels }), (.v7, { $0.allowsKnocking }),
            (.v8, { $0.allowsRestrictedJoins }), (.v10, { $0.allowsKnockRestricted }),
            (.v10, { $0.powerLevelFormat == .integers }),
            (.v11, { !$0.createNamesCreator }), (.v11, { $0.redactsInContent }), (.v12, { $0.stateResolution == .v2_1 }),
            (.v12, { $0.roomIDIsCreateHash }), (.v12, { $0.createEventIsImplied }), (.v12, { $0.creatorsHaveInfinitePower }),
        ]
        for (version, holds) in beginnings {
            #expect(first(holds) == version)
            #expect(stays(holds))
        }
    }
}
