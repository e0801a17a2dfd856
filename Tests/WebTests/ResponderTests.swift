import Logging
import Matrix
import Testing

@testable import Web

/// Knows tokens by what they are called.
struct NamedTokens: Authenticator {
    func caller(for token: String, request: Request) async throws -> Caller {
        switch token {
        case "alice": Caller(userID: "@alice:x", deviceID: "A")
        case "guest": Caller(userID: "@1:x", deviceID: "G", isGuest: true)
        case "admin": Caller(userID: "@admin:x", deviceID: "B", isAdmin: true)
        case "bridge": Caller(userID: "@bridge:x", deviceID: nil, appserviceID: "irc")
        default: throw MatrixError(status: 401, errcode: "M_UNKNOWN_TOKEN", error: "Unknown token")
        }
    }
    func origin(of request: Request) async throws -> String { String(decoding: request.body, as: UTF8.self) }
}

@Suite struct ResponderTests {
    private struct DatabaseIsAway: Error {}
    private struct Bug: Error { let secret = "internal detail" }

    private func responder(readiness: Readiness? = nil) -> Responder {
        Responder(
            router: Router([
                .get("/open", .open) { request in [request.caller?.userID ?? "nobody"] },
                .get("/user", .user) { request in [try request.requireCaller().userID] },
                .get("/guest", .guest) { request in [try request.requireCaller().userID] },
                .get("/optional", .optionalUser) { request in [request.caller?.userID ?? "nobody"] },
                .get("/admin", .admin) { request in [try request.requireCaller().userID] },
                .get("/appservice", .appservice) { request in [request.caller?.appserviceID ?? ""] },
                .put("/server", .server) { request in [request.origin ?? ""] },
                .get("/away", .open) { _ -> Response in throw DatabaseIsAway() },
                .get("/bug", .open) { _ -> Response in throw Bug() },
                .get("/refused", .open) { _ -> Response in
                    throw MatrixError(status: 403, errcode: "M_FORBIDDEN", error: "No \"way\"")
                },
                .post("/small", .open, limit: .collected(4)) { request in [request.body.count] },
                .get("/up", .open) { _ -> Response in .empty }.beforeReady(),
            ]),
            authenticator: NamedTokens(),
            translate: { $0 is DatabaseIsAway ? MatrixError(status: 503, errcode: "M_UNKNOWN", error: "Away") : nil },
            readiness: readiness, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func ask(
        _ path: String, token: String? = nil, method: Method = .get, body: String = "", readiness: Readiness? = nil
    ) async -> (status: Int, body: String) {
        let request = Request(
            method, path, headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:],
            bodyStream: BodyStream(Array(body.utf8)))
        let response = await responder(readiness: readiness).respond(to: request)
        guard case .bytes(let bytes) = response.body else { return (response.status, "") }
        return (response.status, String(decoding: bytes, as: UTF8.self))
    }

    @Test func anOpenEndpointAsksForNobody() async {
        #expect(await ask("/open", token: "alice") == (200, #"["nobody"]"#))
    }

    @Test(arguments: ["/user", "/guest", "/admin", "/appservice"]) func aMissingTokenAndAnUnknownOneAre401(path: String) async {
        let missing = await ask(path)
        let unknown = await ask(path, token: "mallory")
        #expect(missing.status == 401 && missing.body.contains("M_MISSING_TOKEN"))
        #expect(unknown.status == 401 && unknown.body.contains("M_UNKNOWN_TOKEN"))
    }

    @Test func eachIsLetInWhereItMay() async {
        #expect(await ask("/user", token: "alice") == (200, #"["@alice:x"]"#))
        #expect(await ask("/user?access_token=alice") == (200, #"["@alice:x"]"#))
        #expect(await ask("/user", token: "guest").body.contains("M_GUEST_ACCESS_FORBIDDEN"))
        #expect(await ask("/guest", token: "guest").status == 200)
        #expect(await ask("/guest", token: "alice").status == 200)
        #expect(await ask("/admin", token: "alice").status == 403)
        #expect(await ask("/admin", token: "admin").status == 200)
        #expect(await ask("/appservice", token: "alice").status == 403)
        #expect(await ask("/appservice", token: "bridge") == (200, #"["irc"]"#))
        #expect(await ask("/optional") == (200, #"["nobody"]"#))
        #expect(await ask("/optional", token: "alice") == (200, #"["@alice:x"]"#))
        #expect(await ask("/optional", token: "mallory").status == 401)
    }

    @Test func anotherServerIsAskedForWithTheBodyThatItSigned() async {
        #expect(await ask("/server", method: .put, body: "example.org") == (200, #"["example.org"]"#))
    }

    @Test func anErrorIsWhatTheHandlerSaid() async {
        #expect(await ask("/refused") == (403, #"{"errcode":"M_FORBIDDEN","error":"No \"way\""}"#))
    }

    @Test func whoComesTooOftenIsToldWhenToComeAgain() {
        #expect(Response.error(.limitExceeded(retryAfterMS: 1500)).headers["Retry-After"] == "2")
    }

    @Test func anOutageIs503AndABugSaysNothingOfItself() async {
        #expect(await ask("/away").status == 503)
        let bug = await ask("/bug")
        #expect(bug.status == 500 && bug.body.contains("M_UNKNOWN") && !bug.body.contains("detail"))
    }

    @Test func aBodyBeyondTheLimitIsTooLarge() async {
        #expect(await ask("/small", method: .post, body: "1234") == (200, "[4]"))
        let large = await ask("/small", method: .post, body: "12345")
        #expect(large.status == 413 && large.body.contains("M_TOO_LARGE"))
    }

    @Test func beforeItIsReadyOnlyWhatWatchesIsAnswered() async {
        let readiness = Readiness()
        #expect(await ask("/open", readiness: readiness).status == 503)
        #expect(await ask("/up", readiness: readiness).status == 200)
        readiness.ready()
        #expect(await ask("/open", readiness: readiness).status == 200)
    }

    @Test func aMalformedQueryIsAnInvalidParameter() async {
        #expect(await ask("/open?a=%zz").body.contains("M_INVALID_PARAM"))
    }
}
