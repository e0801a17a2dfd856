import Matrix
import Testing

@testable import Web

@Suite struct RouterTests {
    private let router = Router([
        .get("/_matrix/client/(r0|v3)/rooms/{roomId}/event/{eventId}", .open) { _ -> Response in .text("event") },
        .put("/_matrix/client/(r0|v3)/rooms/{roomId}/state/{eventType}", .open) { _ -> Response in .text("without") },
        .put("/_matrix/client/(r0|v3)/rooms/{roomId}/state/{eventType}/{stateKey}", .open) { _ -> Response in .text("with") },
        .get("/_matrix/client/v3/pushrules/", .open) { _ -> Response in .text("all rules") },
        .get("/_matrix/client/v3/rooms/{roomId}/members", .open) { _ -> Response in .text("members") },
        .get("/_matrix/client/v3/rooms/known/secret", .open) { _ -> Response in .text("secret") },
        .get("/_matrix/client/v3/rooms/{aliasOrId}/{anything}", .open) { _ -> Response in .text("anything") },
    ])

    private func text(_ method: Method, _ path: String) async throws -> (String, Parameters) {
        let (endpoint, parameters) = try router.match(method, path)
        guard case .bytes(let bytes) = try await endpoint.respond(Request(method, path)).body else { return ("", parameters) }
        return (String(decoding: bytes, as: UTF8.self), parameters)
    }

    @Test(arguments: ["r0", "v3"]) func alternativesLeadToTheSame(version: String) async throws {
        let (text, parameters) = try await text(.get, "/_matrix/client/\(version)/rooms/!a:b/event/$e")
        #expect(text == "event")
        #expect(try parameters["roomId"] == "!a:b")
        #expect(try parameters["eventId"] == "$e")
    }

    @Test func anEncodedSlashStaysInsideItsSegment() async throws {
        let (_, parameters) = try await text(.get, "/_matrix/client/v3/rooms/%21a%2Fb%3Ac/event/%24%C3%A4%25")
        #expect(try parameters["roomId"] == "!a/b:c")
        #expect(try parameters["eventId"] == "$ä%")
    }

    @Test(arguments: ["%", "%2", "%zz", "%ff", "%C3", "a%"]) func whatIsNoPercentEncodedTextIsAnInvalidParameter(segment: String)
    {
        #expect(throws: MatrixError(status: 400, errcode: "M_INVALID_PARAM", error: "The path is not percent-encoded UTF-8")) {
            _ = try router.match(.get, "/_matrix/client/v3/rooms/\(segment)/members")
        }
    }

    @Test func aTrailingSlashMakesAnotherPath() async throws {
        #expect(try await text(.get, "/_matrix/client/v3/pushrules/").0 == "all rules")
        #expect(throws: MatrixError.self) { _ = try router.match(.get, "/_matrix/client/v3/pushrules") }
        #expect(try await text(.put, "/_matrix/client/v3/rooms/r/state/t").0 == "without")
        let (text, parameters) = try await text(.put, "/_matrix/client/v3/rooms/r/state/t/")
        #expect(text == "with")
        #expect(try parameters["stateKey"] == "")
    }

    @Test func onlyTheLastParameterMayBeEmpty() {
        #expect(throws: MatrixError.self) { _ = try router.match(.get, "/_matrix/client/v3/rooms//members") }
    }

    @Test func aLiteralGoesBeforeAParameterAndAParameterIsTriedAfterIt() async throws {
        #expect(try await text(.get, "/_matrix/client/v3/rooms/known/secret").0 == "secret")
        let (text, parameters) = try await text(.get, "/_matrix/client/v3/rooms/known/members")
        #expect(text == "members")
        #expect(try parameters["roomId"] == "known")
    }

    @Test func namesBelongToTheTemplate() async throws {
        let (text, parameters) = try await text(.get, "/_matrix/client/v3/rooms/r/x")
        #expect(text == "anything")
        #expect(try parameters["aliasOrId"] == "r")
        #expect(throws: MatrixError.self) { _ = try parameters["roomId"] }
    }

    @Test func anUnknownPathIs404AndAnUnknownMethod405() {
        for path in ["/", "", "x", "/_matrix", "/_matrix/client/v3/pushrules/x", String(repeating: "/a", count: 1000)] {
            #expect(throws: MatrixError(status: 404, errcode: "M_UNRECOGNIZED", error: "Unrecognized request")) {
                _ = try router.match(.get, path)
            }
        }
        #expect(throws: MatrixError(status: 405, errcode: "M_UNRECOGNIZED", error: "Unrecognized request")) {
            _ = try router.match(.delete, "/_matrix/client/v3/pushrules/")
        }
    }

    @Test func headIsAnsweredAsGet() async throws {
        #expect(try await text(.head, "/_matrix/client/v3/pushrules/").0 == "all rules")
    }
}
