import Foundation
import Matrix
import Surroundings
import TestSupport
import Testing
import Web

/// What was, and what there is to find, is asked of any replica through nginx.
extension ClusterTests {
    @Test func aTokenSaysWhoWasThereAtAnyReplica() async throws {
        let host = try await Client.register("historian", at: cluster.url)
        let room = try await host.createRoom(["preset": "public_chat"])
        let sync = try await host.demand(.get, "/_matrix/client/v3/sync?timeout=0")
        let then = try #require(sync["next_batch"]?.string)
        let guest = try await Client.register("latecomer", at: cluster.url)
        try await guest.join(room)
        for replica in 0..<2 {
            let here = host.at(try cluster.url(.clientapi, replica))
            func members(_ query: String) async throws -> Set<String> {
                let chunk = try await here.demand(.get, Client.path(room, "members\(query)"))["chunk"]?.array ?? []
                return Set(chunk.compactMap { $0["state_key"]?.string })
            }
            #expect(try await members("?at=\(then)") == [host.userID])
            #expect(try await members("") == [host.userID, guest.userID])
            #expect(try await here.ask(.get, Client.path(room, "members?at=nonsense")).status == 400)
        }
    }

    @Test func theOldEndpointsAndTheSpacesAnswerThroughNginx() async throws {
        let user = try await Client.register("cartographer", at: cluster.url)
        let room = try await user.createRoom(["preset": "public_chat", "name": "A room"])
        let space = try await user.createRoom(["preset": "public_chat", "creation_content": ["type": "m.space"]])
        let child: JSON = ["via": ["localhost"]]
        try await user.demand(.put, Client.path(space, "state/m.space.child/\(Client.encoded(room))"), child)
        let said = try await user.send("here", to: room, transaction: "1")
        let old = try await user.demand(.get, "/_matrix/client/v3/initialSync?limit=5")
        #expect(Set((old["rooms"]?.array ?? []).compactMap { $0["room_id"]?.string }) == [room, space])
        let one = try await user.demand(.get, Client.path(room, "initialSync"))
        #expect(one["messages"]?["chunk"]?.array?.last?["event_id"]?.string == said)
        let end = try #require(old["end"]?.string)
        let again = try await user.send("there", to: room, transaction: "2")
        let told = try await user.demand(.get, "/_matrix/client/v3/events?timeout=20000&from=\(end)")
        #expect(told["chunk"]?.array?.first?["event_id"]?.string == again)
        #expect(try await user.demand(.get, "/_matrix/client/v3/events/\(Client.encoded(said))")["content"]?["body"] == "here")
        let context = try await user.demand(.get, Client.path(room, "context/\(Client.encoded(said))"))
        #expect(context["events_after"]?.array?.first?["event_id"]?.string == again)
        let first = try await user.demand(
            .get, "/_matrix/client/v1/rooms/\(Client.encoded(room))/timestamp_to_event?dir=b&ts=99999999999999")
        #expect(first["event_id"]?.string == again)
        let tree = try await user.demand(.get, "/_matrix/client/v1/rooms/\(Client.encoded(space))/hierarchy")
        #expect(tree["rooms"]?.array?.compactMap { $0["room_id"]?.string } == [space, room])
        let summary = try await Client(url: cluster.url).demand(.get, "/_matrix/client/v1/room_summary/\(Client.encoded(room))")
        #expect(summary["name"] == "A room" && summary["membership"] == nil)
        let other = try await Client.register("cartophile", at: cluster.url)
        try await other.join(room)
        let mutual = try await user.demand(.get, "/_matrix/client/v1/mutual_rooms?user_id=\(Client.encoded(other.userID))")
        #expect(mutual["joined"]?.array == [.string(room)] && mutual["count"] == 1)
        let found = try await other.demand(.post, "/_matrix/client/v3/user_directory/search", ["search_term": "cartog"])
        #expect(found["results"]?.array?.compactMap { $0["user_id"]?.string } == [user.userID])
    }
}
