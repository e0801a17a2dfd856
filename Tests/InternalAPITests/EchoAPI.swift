import Foundation
import InternalAPI
import Logging
import Matrix
import ServiceLifecycle
import Synchronization
import Testing
import Web

/// Says back what it was told.
struct Echo: Call, Equatable {
    static let path = "/echo/echo"
    static let idempotency = Idempotency.repeatable
    var text: String
    var room: String?
    var affinity: String? { room }
    struct Reply: Codable, Sendable, Equatable { var text: String }
}

/// Changes something.
struct Note: Call {
    static let path = "/echo/note"
    var text: String
}

/// Has little time.
struct Hurried: Call {
    static let path = "/echo/hurried"
    static let timeout = Duration.seconds(1)
}

struct Unanswered: Call {
    static let path = "/echo/unanswered"
}

protocol EchoAPI: Sendable {
    func call(_: Echo) async throws -> Echo.Reply
    func call(_: Note) async throws -> Done
    func call(_: Hurried) async throws -> Done
}

struct EchoClient: EchoAPI, Client {
    let link: any Link
}

extension Route where API == any EchoAPI {
    static var echo: [Self] {
        [
            Route(Echo.self) { try await $0.call($1) },
            Route(Note.self) { try await $0.call($1) },
            Route(Hurried.self) { try await $0.call($1) },
        ]
    }
}

/// Does before each answer what the test says, and counts.
final class EchoComponent: EchoAPI {
    private let before = Mutex<@Sendable () async throws -> Void>({})
    private let count = Mutex(0)

    var calls: Int { count.withLock { $0 } }
    func answers(_ before: @escaping @Sendable () async throws -> Void) { self.before.withLock { $0 = before } }

    func call(_ call: Echo) async throws -> Echo.Reply {
        try await prepare()
        return Echo.Reply(text: call.text)
    }
    func call(_: Note) async throws -> Done {
        try await prepare()
        return Done()
    }
    func call(_: Hurried) async throws -> Done {
        try await prepare()
        return Done()
    }
    private func prepare() async throws {
        count.withLock { $0 += 1 }
        try await before.withLock { $0 }()
    }
}

/// An outage of the platform's.
struct Away: Error {
    static let error = MatrixError(status: 503, errcode: "M_UNKNOWN", error: "Away")
    @Sendable static func translate(_ error: any Error) -> MatrixError? { error is Away ? Self.error : nil }
}

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// The two ways that a call can go.
enum Form: CaseIterable {
    case switchboard, http

    func run(_ body: @Sendable (EchoClient, EchoComponent) async throws -> Void) async throws {
        let component = EchoComponent()
        switch self {
        case .switchboard:
            let switchboard = Switchboard(translate: Away.translate, logger: quiet)
            switchboard.connect(Route.echo, to: component)
            try await body(EchoClient(link: switchboard), component)
        case .http:
            try await withListener(component) { url async throws in
                let link = HTTPLink(connect: [url], token: nil, client: HTTPLink.makeClient(), logger: quiet)
                try await body(EchoClient(link: link), component)
            }
        }
    }
}

/// Runs an internal listener on a free port for as long as the closure takes.
func withListener<T: Sendable>(
    _ component: EchoComponent, routes: [Route<any EchoAPI>] = Route.echo, token: String? = nil, readiness: Readiness? = nil,
    _ body: @Sendable (URL) async throws -> T
) async throws -> T {
    let endpoints = [Endpoint](routes, answeredBy: component, token: ClusterToken(token))
    var options = ServerOptions()
    options.drainTimeout = .milliseconds(200)
    let server = HTTPServer(
        listen: ListenAddress(host: "127.0.0.1", port: 0),
        responder: Responder(router: Router(endpoints), translate: Away.translate, readiness: readiness, logger: quiet),
        options: options, logger: quiet)
    let services = ServiceGroup(services: [server], logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        let url = try #require(URL(string: "http://127.0.0.1:\(await server.boundAddress.port)"))
        let result = try await body(url)
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
        return result
    }
}
