import Contracts
import InternalAPI
import Logging
import Matrix
import Testing
import Web

@testable import FederationAPI

@Suite struct AddressBindingTests {
    /// A roomserver that is not asked: nothing here gets that far.
    private struct Nobody: Link {
        func call<C: Call>(_ call: C) async throws -> C.Reply {
            Issue.record("\(C.path) is asked for")
            throw MatrixError.unknown()
        }
    }

    private func refusal(_ body: JSON) async -> String? {
        let roomserver = RoomserverClient(Nobody()), logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let binding = AddressBinding(
            serverName: "example.org", roomserver: roomserver,
            keys: IdentityKeys(trusted: [], roomserver: roomserver, client: HTTPClient(), logger: logger), logger: logger)
        do {
            _ = try await binding.receive(Request(.post, "/_matrix/federation/v1/3pid/onbind", body: body.serialized()))
            return nil
        } catch {
            return (error as? MatrixError)?.errcode
        }
    }

    @Test func onlyUsersOfThisServerAreToldOf() async {
        #expect(await refusal(["mxid": "@bob:example.org", "invites": []]) == nil)
        #expect(await refusal(["mxid": "@bob:elsewhere.org", "invites": []]) == "M_INVALID_PARAM")
        #expect(await refusal(["mxid": "bob", "invites": []]) == "M_INVALID_PARAM")
        #expect(await refusal(["mxid": "@bob:example.org"]) == "M_BAD_JSON")
        #expect(await refusal(["mxid": "@bob:example.org", "invites": [["room_id": 1]]]) == "M_BAD_JSON")
    }

    @Test func nobodyWaitsForAsManyInvitesAsThat() async {
        let invite: JSON = ["room_id": "!room:example.org", "sender": "@alice:example.org", "signed": ["token": "x"]]
        let body: JSON = ["mxid": "@bob:example.org", "invites": .array(Array(repeating: invite, count: 101))]
        #expect(await refusal(body) == "M_INVALID_PARAM")
    }
}
