import Foundation
import Matrix
import TestSupport
import Web

/// What a server answered.
struct Answer: Sendable, CustomStringConvertible {
    var status: Int
    var json: JSON

    var errcode: String? { json["errcode"]?.string }
    var description: String { "\(status) \(json)" }
}

/// A user's client, at one address of the homeserver: nginx, a replica, a monolith.
struct Client: Sendable {
    var url: String
    var userID = ""
    var token: String?

    private static let http = HTTPClient()

    /// The same client, at another address.
    func at(_ url: String) -> Client { Client(url: url, userID: userID, token: token) }

    func ask(
        _ method: Web.Method, _ path: String, _ body: JSON? = nil, headers: Headers = [:], timeout: Duration = .seconds(40)
    ) async throws -> Answer {
        var headers = headers
        if let token { headers.add("Authorization", "Bearer \(token)") }
        let reply = try await Self.http.request(
            method, url + path, headers: headers, body: body.map { $0.serialized() }, timeout: timeout,
            maxResponseBytes: 64 << 20)
        return Answer(status: reply.status, json: (try? JSON(parsing: reply.body)) ?? .null)
    }

    /// Asks for what has to be granted.
    @discardableResult
    func demand(_ method: Web.Method, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = try await ask(method, path, body)
        guard answer.status == 200 else { throw TestFailure("\(method) \(url)\(path): \(answer)") }
        return answer.json
    }

    /// Asks until it is granted, as a client does that does not know what became of its request. That the server cannot
    /// do it now is taken for an answer, that it may not be done is not.
    @discardableResult
    func insist(
        _ method: Web.Method, _ path: String, _ body: JSON? = nil, within limit: Duration = .seconds(60),
        at addresses: [String] = []
    ) async throws -> JSON {
        var last = "nothing was asked"
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let client = addresses.randomElement().map(at) ?? self
            do {
                let answer = try await client.ask(method, path, body)
                if answer.status == 200 { return answer.json }
                last = "\(answer)"
                guard [502, 503, 504].contains(answer.status) else { break }
            } catch let failure as HTTPClient.Failure {
                last = "\(failure)"
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestFailure("\(method) \(path) of \(userID), at last: \(last)")
    }

    static func register(_ name: String, at url: String) async throws -> Client {
        let body: JSON = ["username": .string(name), "password": "secret", "auth": ["type": "m.login.dummy"]]
        return try Client(url: url).loggedIn(by: await Client(url: url).demand(.post, "/_matrix/client/v3/register", body))
    }

    static func logIn(_ name: String, at url: String) async throws -> Client {
        let body: JSON = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(name)], "password": "secret",
        ]
        return try Client(url: url).loggedIn(by: await Client(url: url).demand(.post, "/_matrix/client/v3/login", body))
    }

    private func loggedIn(by answer: JSON) throws -> Client {
        guard let userID = answer["user_id"]?.string, let token = answer["access_token"]?.string else {
            throw TestFailure("no user and token in \(answer)")
        }
        return Client(url: url, userID: userID, token: token)
    }

    func createRoom(_ body: JSON = [:]) async throws -> String {
        let answer = try await demand(.post, "/_matrix/client/v3/createRoom", body)
        guard let room = answer["room_id"]?.string else { throw TestFailure("no room in \(answer)") }
        return room
    }

    func join(_ room: String) async throws { try await demand(.post, Self.path(room, "join"), [:]) }

    /// Sends a message until it is acknowledged, and returns the event's ID.
    func send(_ text: String, to room: String, transaction: String) async throws -> String {
        let path = Self.path(room, "send/m.room.message/\(transaction)")
        let answer = try await insist(.put, path, ["msgtype": "m.text", "body": .string(text)])
        guard let event = answer["event_id"]?.string else { throw TestFailure("no event in \(answer)") }
        return event
    }

    /// A path below a room's.
    static func path(_ room: String, _ rest: String) -> String { "/_matrix/client/v3/rooms/\(encoded(room))/\(rest)" }

    static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
