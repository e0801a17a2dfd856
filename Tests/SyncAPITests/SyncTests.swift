import Contracts
import Matrix
import TestSupport
import Testing

/// What `/sync` shows of rooms.
@Suite struct SyncTests {
    @Test(arguments: TestDatabase.allCases) func anInitialSyncHasTheWholeState(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.send(room, "m.room.name", ["name": "one"], state: "")
            try await world.send(room, "m.room.name", ["name": "two"], state: "")
            for index in 0..<12 { try await world.say("\(index)", in: room) }
            let answer = try await world.sync()
            let joined = try #require(answer.joined(room))
            #expect(joined.isLimited)
            #expect(joined.timeline.bodies == (2..<12).map { "\($0)" })
            #expect(Set(joined.state.types) == [
                "m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility",
                "m.room.name",
            ])
            #expect(joined.state.count == 7)
            #expect(joined.stateAfter["m.room.name "]?["name"] == "two")
            #expect(joined.json["summary"]?["m.joined_member_count"] == 2)
            // It has a name.
            #expect(joined.json["summary"]?["m.heroes"] == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases) func anIncrementalSyncHasWhatCameSince(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let other = try await world.createRoom()
            let first = try await world.sync()
            #expect(Set(first.rooms("join")) == [room, other])
            try await world.say("hello", in: room)
            try await world.send(room, "m.room.topic", ["topic": "t"], state: "")
            let second = try await world.sync(since: first.next)
            #expect(second.rooms("join") == [room])
            let joined = try #require(second.joined(room))
            #expect(joined.timeline.types == ["m.room.message", "m.room.topic"])
            #expect(joined.state.isEmpty)
            #expect(!joined.isLimited)
            #expect(joined.timeline[0]["room_id"] == nil)
            #expect(joined.timeline[0]["unsigned"]?["membership"] == "join")
            let third = try await world.sync(since: second.next)
            #expect(third.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aLimitedTimelineGoesOnInMessagesWithoutGapOrRepeat(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync()
            for index in 0..<45 { try await world.say("\(index)", in: room) }
            let second = try await world.sync(since: first.next, filter: ["room": ["timeline": ["limit": 7]]])
            let joined = try #require(second.joined(room))
            #expect(joined.isLimited)
            var bodies = joined.timeline.bodies
            #expect(bodies == (38..<45).map { "\($0)" })
            var from: String? = joined.prevBatch, pages = 0
            var last: [JSON] = []
            while let token = from {
                let page = try await world.messages(room, from: token, limit: 9)
                bodies = page.chunk.reversed().bodies + bodies
                if !page.chunk.isEmpty { last = page.chunk }
                from = page.end
                pages += 1
                #expect(page.end != nil || page.chunk.isEmpty)
            }
            #expect(bodies == (0..<45).map { "\($0)" })
            #expect(last.last?.type == "m.room.create")
            #expect(pages == 6)
            // The gap alone.
            let gap = try await world.messages(room, from: joined.prevBatch, to: first.next, limit: 100)
            #expect(gap.chunk.bodies == (0..<38).reversed().map { "\($0)" })
            // Forwards from where the first sync ended.
            let forward = try await world.messages(room, from: first.next, direction: "f", limit: 3)
            #expect(forward.chunk.bodies == ["0", "1", "2"])
            let onward = try await world.messages(room, from: try #require(forward.end), direction: "f", limit: 2)
            #expect(onward.chunk.bodies == ["3", "4"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aGapInTheTimelineIsBridgedByState(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.send(room, "m.room.name", ["name": "old"], state: "")
            let first = try await world.sync()
            try await world.send(room, "m.room.name", ["name": "new"], state: "")
            for index in 0..<5 { try await world.say("\(index)", in: room) }
            try await world.send(room, "m.room.name", ["name": "newest"], state: "")
            let second = try await world.sync(since: first.next, filter: ["room": ["timeline": ["limit": 3]]])
            let joined = try #require(second.joined(room))
            #expect(joined.state.map { $0["content"]?["name"] } == ["new"])
            #expect(joined.timeline.last?["content"]?["name"] == "newest")
            let prev = joined.timeline.last?["unsigned"]
            #expect(prev?["prev_content"]?["name"] == "new")
            #expect(prev?["replaces_state"]?.string == joined.state.first?.eventID)
            // Instead of the state before the timeline, the one after it.
            let after = try await world.sync(
                since: first.next, filter: ["room": ["timeline": ["limit": 3]]], "&use_state_after=true")
            #expect(after.joined(room)?.json["state"] == nil)
            #expect(after.joined(room)?.events("state_after").map { $0["content"]?["name"] } == ["newest"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomThatIsJoinedNewlyHasItsWholeState(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            for index in 0..<30 { try await world.say("\(index)", in: room) }
            let first = try await world.sync(bob)
            #expect(first.isEmpty)
            try await world.setData("m.tag", ["tags": [:]], of: bob, room: room)
            let before = try await world.sync(bob, since: first.next)
            try await world.move(.join, bob, in: room)
            let second = try await world.sync(bob, since: before.next)
            let joined = try #require(second.joined(room))
            #expect(joined.isLimited)
            #expect(joined.timeline.last?["state_key"]?.string == bob)
            #expect(Set(joined.stateAfter.keys) == [
                "m.room.create ", "m.room.member \(alice)", "m.room.member \(bob)", "m.room.power_levels ", "m.room.join_rules ",
                "m.room.history_visibility ",
            ])
            #expect(joined.events("account_data").types == ["m.tag"])
            let third = try await world.sync(bob, since: second.next)
            #expect(third.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoLeftAndCameBackHearsWhatChangedMeanwhile(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined")
            try await world.move(.join, bob, in: room)
            let first = try await world.sync(bob)
            try await world.move(.leave, bob, in: room)
            try await world.send(room, "m.room.name", ["name": "while away"], state: "")
            try await world.say("secret", in: room)
            try await world.move(.join, bob, in: room)
            try await world.say("hello again", in: room)
            let joined = try #require(try await world.sync(bob, since: first.next).joined(room))
            #expect(joined.timeline.bodies == ["hello again"])
            #expect(joined.timeline.compactMap { $0["content"]?["membership"]?.string } == ["leave", "join"])
            #expect(joined.stateAfter["m.room.name "] == ["name": "while away"])
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIsTheStateToThisDayIsInTheTimelineOfWhoWasAway(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(visibility: "joined")
            try await world.move(.join, bob, in: room)
            try await world.move(.invite, carol, by: alice, in: room)
            let first = try await world.sync(bob)
            try await world.move(.leave, bob, in: room)
            try await world.send(room, "m.room.topic", ["topic": "of then"], state: "")
            try await world.move(.join, carol, in: room)
            try await world.send(room, "m.room.topic", ["topic": "of now"], state: "")
            for index in 0..<30 { try await world.say("secret \(index)", in: room) }
            // Who is not in the room is not told of its state.
            let away = try await world.sync(bob, since: first.next)
            #expect(away.left(room)?.timeline.types == ["m.room.member"])
            try await world.move(.join, bob, in: room)
            for (since, timeoutMS) in [(first.next, 0), (away.next, 1_000)] {
                let joined = try #require(try await world.sync(bob, since: since, timeoutMS: timeoutMS).joined(room))
                #expect(joined.timeline.contains { $0["state_key"]?.string == carol && $0["content"]?["membership"] == "join" })
                #expect(joined.timeline.compactMap { $0["content"]?["topic"]?.string } == ["of now"])
                #expect(joined.timeline.bodies.isEmpty)
                #expect(!joined.state.types.contains("m.room.topic"))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func aNewRoomsTimelineIsLimitedUnlessItIsWhole(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let first = try await world.sync()
            let room = try await world.createRoom()
            try await world.say("one", in: room)
            let whole = try #require(try await world.sync(since: first.next).joined(room))
            #expect(!whole.isLimited)
            let messages: JSON = ["room": ["timeline": ["types": ["m.room.message"]]]]
            let part = try #require(try await world.sync(since: first.next, filter: messages).joined(room))
            #expect(part.timeline.bodies == ["one"])
            #expect(part.isLimited)
        }
    }

    /// Though it is whole: it joins on to nothing of what the client has of the time before.
    @Test(arguments: TestDatabase.allCases) func whoComesBackHasALimitedTimeline(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.say("one", in: room)
            let first = try await world.sync(bob)
            try await world.move(.leave, bob, in: room)
            let away = try await world.sync(bob, since: first.next)
            try await world.move(.join, bob, in: room)
            let joined = try #require(try await world.sync(bob, since: away.next).joined(room))
            #expect(joined.timeline.types.first == "m.room.create")
            #expect(joined.isLimited)
        }
    }

    @Test(arguments: TestDatabase.allCases) func anInviteIsShownOnceAndSoIsALeave(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(joinRule: "invite")
            let first = try await world.sync(bob)
            try await world.move(.invite, bob, by: alice, in: room)
            let second = try await world.sync(bob, since: first.next)
            let invite = try #require(second.invited(room))
            #expect(invite.types.contains("m.room.create"))
            #expect(invite.contains { $0.type == "m.room.member" && $0["state_key"]?.string == bob })
            #expect(second.rooms("join").isEmpty)
            try await world.say("not for bob", in: room)
            let third = try await world.sync(bob, since: second.next)
            #expect(third.isEmpty)
            // Whoever comes anew is told of it too.
            #expect(try await world.sync(bob).invited(room) != nil)

            try await world.move(.leave, bob, in: room)
            let fourth = try await world.sync(bob, since: third.next)
            let left = try #require(fourth.left(room))
            #expect(left.timeline.map { $0["content"]?["membership"]?.string } == ["leave"])
            #expect(left.state.isEmpty)
            try await world.say("still not for bob", in: room)
            #expect(try await world.sync(bob, since: fourth.next).isEmpty)
            #expect(try await world.sync(bob).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomThatWasLeftIsShownUpToTheLeaving(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync(bob)
            try await world.say("last words", in: room)
            try await world.move(.kick, bob, by: alice, in: room)
            try await world.say("after", in: room)
            try await world.send(room, "m.room.name", ["name": "after"], state: "")
            let second = try await world.sync(bob, since: first.next)
            let left = try #require(second.left(room))
            #expect(left.timeline.bodies == ["last words"])
            #expect(left.timeline.last?["state_key"]?.string == bob)
            #expect(left.stateAfter["m.room.name "] == nil)
            #expect(try await world.sync(bob, since: second.next).isEmpty)
            // Paging goes no further either.
            let page = try await world.messages(room, bob)
            #expect(page.chunk.bodies == ["last words"])
            // An initial sync shows it only when asked to.
            #expect(try await world.sync(bob).isEmpty)
            let all = try await world.sync(bob, filter: ["room": ["include_leave": true]])
            #expect(all.left(room)?.timeline.last?["state_key"]?.string == bob)
            #expect(all.left(room)?.stateAfter["m.room.create "] != nil)
            #expect(all.left(room)?.stateAfter["m.room.name "] == nil)
            // Banned: once more.
            try await world.move(.ban, bob, by: alice, in: room)
            #expect(try await world.sync(bob, since: second.next).left(room)?.timeline.count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases) func theFullStateIsHadOnRequest(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let quietRoom = try await world.createRoom()
            let first = try await world.sync()
            try await world.say("hello", in: room)
            let second = try await world.sync(since: first.next, timeoutMS: 30_000, "&full_state=true")
            #expect(second.joined(room)?.timeline.bodies == ["hello"])
            #expect(second.joined(room)?.state.count == 5)
            #expect(second.joined(quietRoom)?.timeline.isEmpty == true)
            #expect(second.joined(quietRoom)?.state.count == 5)
        }
    }

    @Test(arguments: TestDatabase.allCases) func accountDataIsShownGlobalAndByRoom(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.setData("m.direct", ["a": 1])
            try await world.setData("m.fully_read", ["event_id": "$x"], room: room)
            let first = try await world.sync()
            #expect(first.accountData == [["type": "m.direct", "content": ["a": 1]]])
            #expect(first.joined(room)?.events("account_data").types == ["m.fully_read"])
            try await world.setData("m.direct", ["a": 2])
            let second = try await world.sync(since: first.next)
            #expect(second.accountData == [["type": "m.direct", "content": ["a": 2]]])
            #expect(second.rooms("join").isEmpty)
            try await world.setData("m.tag", ["tags": [:]], room: room)
            let third = try await world.sync(since: second.next)
            #expect(third.accountData.isEmpty)
            #expect(third.joined(room)?.events("account_data").types == ["m.tag"])
            #expect(third.joined(room)?.timeline.isEmpty == true)
            #expect(try await world.sync(bob).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomWithoutANameIsNamedByItsHeroes(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            #expect(first.joined(room)?.json["summary"]?["m.heroes"] == [.string(bob)])
            try await world.say("hello", in: room)
            let second = try await world.sync(since: first.next)
            #expect(second.joined(room)?.json["summary"] == [:])
            try await world.send(room, "m.room.name", ["name": "n"], state: "")
            let third = try await world.sync(since: second.next, timeoutMS: 1_000)
            #expect(third.joined(room)?.json["summary"] == ["m.joined_member_count": 2, "m.invited_member_count": 0])
            try await world.send(room, "m.room.name", ["name": ""], state: "")
            let fourth = try await world.sync(since: third.next, timeoutMS: 1_000)
            #expect(fourth.joined(room)?.json["summary"]?["m.heroes"] == [.string(bob)])
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRoomThatWasLeftHasItsAccountData(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            try await world.setData("m.tag", ["tags": ["x": [:]]], of: bob, room: room)
            try await world.move(.leave, bob, in: room)
            let all = try await world.sync(bob, filter: ["room": ["include_leave": true]])
            #expect(all.left(room)?.events("account_data").types == ["m.tag"])
            let none = try await world.sync(
                bob, filter: ["room": ["include_leave": true, "account_data": ["types": []]]])
            #expect(none.left(room)?.events("account_data").isEmpty == true)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoHasForgottenARoomIsToldThatTheyLeftIt(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            try await world.move(.join, bob, in: room)
            let first = try await world.sync(bob)
            try await world.move(.leave, bob, in: room)
            _ = try await world.rooms.call(ForgetRoom(roomID: room, userID: bob))
            let second = try await world.sync(bob, since: first.next)
            #expect(second.left(room)?.timeline.last?["state_key"]?.string == bob)
            #expect(try await world.sync(bob, since: second.next).isEmpty)
            #expect(try await world.sync(bob, filter: ["room": ["include_leave": true]]).rooms("leave").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whoJoinedAndLeftSinceIsToldTheStateOnce(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom()
            let first = try await world.sync(bob)
            try await world.move(.join, bob, in: room)
            try await world.move(.leave, bob, in: room)
            let second = try await world.sync(bob, since: first.next, filter: ["room": ["timeline": ["types": []]]])
            #expect(second.left(room)?.stateAfter["m.room.create "] != nil)
            #expect(second.left(room)?.timeline.isEmpty == true)
            #expect(try await world.sync(bob, since: second.next).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func aRepeatedSinceGivesTheSameAnswer(kind: TestDatabase) async throws {
        try await World.on(kind) { world in
            let room = try await world.createRoom(), other = try await world.createRoom(by: bob, joinRule: "invite")
            try await world.move(.join, bob, in: room)
            let first = try await world.sync()
            try await world.say("hello", in: room, by: bob)
            try await world.send(room, "m.room.topic", ["topic": "t"], state: "")
            try await world.move(.invite, alice, by: bob, in: other)
            try await world.setData("a", ["b": 1])
            let filters: [JSON] = [
                [:], ["room": ["state": ["lazy_load_members": true]]], ["room": ["timeline": ["limit": 1]]],
            ]
            for filter in filters {
                let once = try await world.sync(since: first.next, filter: filter)
                let again = try await world.sync(since: first.next, filter: filter)
                #expect(once.joined(room)?.timeline.ids == again.joined(room)?.timeline.ids)
                #expect(once.joined(room)?.state.ids == again.joined(room)?.state.ids)
                #expect(once.joined(room)?.isLimited == again.joined(room)?.isLimited)
                #expect(again.invited(other) != nil && once.accountData == again.accountData)
                #expect(once.rooms("invite") == again.rooms("invite"))
            }
        }
    }

    @Test func aTokenThatWasNeverHandedOutIsRefused() async throws {
        try await World.on(.sqlite) { world in
            for token in ["x", "s1_", "s1_-1", "s1_99999999999", "s2_1", "", "s1_1_", "s1_1_x", "s1_1_1-1", "s1_1_1-0-1", "s1_1_1-1-1-1"] {
                #expect(await refusal { try await world.sync(since: token) } == "M_INVALID_PARAM")
            }
        }
    }
}
