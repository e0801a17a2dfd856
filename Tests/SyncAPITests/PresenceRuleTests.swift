import Testing
import Topics

@testable import SyncAPI

/// The rules by which presence changes, without storage.
@Suite struct PresenceRuleTests {
    private let minute: Int64 = 60_000

    @Test func whoBeginsToSyncIsOnlineAndActive() {
        var presence = Presence(lastActive: 0)
        presence.follow(.online, now: 100)
        #expect(presence == Presence(state: .online, statusMessage: nil, lastActive: 100, isActive: true, synced: .online))
        presence.follow(.offline, now: 200)
        #expect(presence.state == .offline)
        #expect(presence.lastActive == 100)
    }

    @Test func syncingOnDoesNotUndoWhatTheUserSet() {
        var presence = Presence(lastActive: 0)
        presence.follow(.online, now: 1)
        presence.set(.unavailable, statusMessage: "lunch", now: 2)
        presence.follow(.online, now: 3)
        #expect(presence.state == .unavailable)
        presence.follow(.unavailable, now: 4)
        presence.follow(.online, now: 5)
        #expect(presence.state == .online)
        #expect(presence.statusMessage == "lunch")
        presence.set(.online, statusMessage: nil, now: 6)
        #expect(presence.statusMessage == nil)
    }

    @Test func whoDoesNothingIsFirstInactiveThenIdle() {
        var presence = Presence(lastActive: 0)
        presence.follow(.online, now: 0)
        #expect(presence.due == minute)
        presence.age(now: minute - 1)
        #expect(presence.isActive)
        presence.age(now: minute)
        #expect(!presence.isActive && presence.state == .online)
        #expect(presence.due == 5 * minute)
        presence.age(now: 5 * minute)
        #expect(presence.state == .unavailable)
        #expect(presence.due == nil)
        presence.act(now: 6 * minute)
        #expect(presence.state == .online && presence.isActive)
    }

    @Test func whoDoesNotSyncGoesOffline() {
        var presence = Presence(lastActive: 0)
        presence.set(.unavailable, statusMessage: nil, now: 0)
        #expect(presence.due == 5 * minute)
        presence.age(now: 5 * minute)
        #expect(presence.state == .offline)
        #expect(presence.due == nil)
        presence.act(now: 6 * minute)
        #expect(presence.state == .offline)
    }

    @Test func aClockThatIsSetBackKeepsNobodyOnline() {
        var presence = Presence(lastActive: 0)
        presence.follow(.online, now: 100 * minute)
        presence.age(now: minute)
        #expect(presence.lastActive == minute)
        presence.age(now: 6 * minute)
        #expect(presence.state == .unavailable)
    }

    @Test func aLaterTimeOfActivityIsNoNews() {
        var presence = Presence(lastActive: 0)
        #expect(presence.isNews(after: nil))
        presence.follow(.online, now: 1)
        let told = presence
        presence.act(now: 2)
        #expect(!presence.isNews(after: told))
        presence.age(now: 2 + minute)
        #expect(presence.isNews(after: told))
    }
}
