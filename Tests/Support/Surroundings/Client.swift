import Foundation
import Matrix
import TestSupport
import Web

/// What a server answered.
public struct Answer: Sendable, CustomStringConvertible {
    public var status: Int
    public var json: JSON

    public init(status: Int, body: [UInt8]) {
        self.status = status
        json = (try? JSON(parsing: body, .carried)) ?? .null
    }

    public var errcode: String? { json["errcode"]?.string }
    public var description: String { "\(status) \(json)" }
}

/// A user's client, at one address of the homeserver: nginx, a replica, a monolith.
public struct Client: Sendable {
    public var url: String
    public var userID = ""
    public var token: String?

    private static let http = HTTPClient(options)

    private static var options: HTTPClient.Options {
        var options = HTTPClient.Options()
        options.connectionsPerHost = 256
        return options
    }

    public init(url: String, userID: String = "", token: String? = nil) {
        self.url = url
        self.userID = userID
        self.token = token
    }

    /// The same client, at another address.
    public func at(_ url: String) -> Client { Client(url: url, userID: userID, token: token) }

    /// The answer as it came.
    public func reply(
        to method: Web.Method, _ path: String, body: [UInt8]? = nil, headers: Headers = [:], timeout: Duration = .seconds(40)
    ) async throws -> HTTPClient.Reply {
        var headers = headers
        if let token { headers.add("Authorization", "Bearer \(token)") }
        return try await Self.http.request(
            method, url + path, headers: headers, body: body, timeout: timeout, maxResponseBytes: 64 << 20)
    }

    public func ask(
        _ method: Web.Method, _ path: String, _ body: JSON? = nil, headers: Headers = [:], timeout: Duration = .seconds(40)
    ) async throws -> Answer {
        let reply = try await reply(to: method, path, body: body.map { $0.serialized() }, headers: headers, timeout: timeout)
        return Answer(status: reply.status, body: reply.body)
    }

    /// Asks for what has to be granted.
    @discardableResult
    public func demand(_ method: Web.Method, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = try await ask(method, path, body)
        guard answer.status == 200 else { throw TestFailure("\(method) \(url)\(path): \(answer)") }
        return answer.json
    }

    /// Asks until it is granted, as a client does that does not know what became of its request. That the server cannot
    /// do it now is taken for an answer, that it may not be done is not.
    @discardableResult
    public func insist(
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

    /// - Parameter insisting: asks again where something is away.
    public static func register(_ name: String, at url: String, insisting: Bool = false) async throws -> Client {
        let body: JSON = ["username": .string(name), "password": "secret", "auth": ["type": "m.login.dummy"]]
        let client = Client(url: url), path = "/_matrix/client/v3/register"
        return try client.loggedIn(
            by: insisting ? await client.insist(.post, path, body) : await client.demand(.post, path, body))
    }

    public static func logIn(_ name: String, at url: String) async throws -> Client {
        try Client(url: url).loggedIn(by: await Client(url: url).demand(.post, "/_matrix/client/v3/login", login(name)))
    }

    /// The body of `/login`.
    public static func login(_ name: String) -> JSON {
        [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(name)], "password": "secret",
        ]
    }

    /// The client that the answer to `/register` or `/login` makes.
    public func loggedIn(by answer: JSON) throws -> Client {
        guard let userID = answer["user_id"]?.string, let token = answer["access_token"]?.string else {
            throw TestFailure("no user and token in \(answer)")
        }
        return Client(url: url, userID: userID, token: token)
    }

    public func createRoom(_ body: JSON = [:]) async throws -> String {
        let answer = try await demand(.post, "/_matrix/client/v3/createRoom", body)
        guard let room = answer["room_id"]?.string else { throw TestFailure("no room in \(answer)") }
        return room
    }

    public func join(_ room: String) async throws { try await demand(.post, Self.path(room, "join"), [:]) }

    /// Sends a message until it is acknowledged, and returns the event's ID.
    public func send(_ text: String, to room: String, transaction: String) async throws -> String {
        let path = Self.path(room, "send/m.room.message/\(transaction)")
        let answer = try await insist(.put, path, ["msgtype": "m.text", "body": .string(text)])
        guard let event = answer["event_id"]?.string else { throw TestFailure("no event in \(answer)") }
        return event
    }

    /// A path below a room's.
    public static func path(_ room: String, _ rest: String) -> String { "/_matrix/client/v3/rooms/\(encoded(room))/\(rest)" }

    public static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
