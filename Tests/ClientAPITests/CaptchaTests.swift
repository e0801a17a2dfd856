import ClientAPI
import Logging
import Matrix
import ServiceLifecycle
import Synchronization
import Testing
import Web

@Suite(.timeLimit(.minutes(1))) struct CaptchaTests {
    private static let answers: JSON = ["type": "m.login.recaptcha", "response": "solved & true"]

    @Test func aSolvedCaptchaIsAStage() async throws {
        let asked = Asked()
        try await run(asked, isRequired: true) { server in
            let first = try await server.ask(.post, "register", ["username": "alice", "password": "secret"])
            #expect(first["flows"] == [["stages": ["m.login.recaptcha"]]])
            #expect(first["params"] == ["m.login.recaptcha": ["public_key": "public"]])
            let session = first["session"] ?? nil
            for (response, errcode) in [(nil, "M_CAPTCHA_NEEDED"), ("wrong", "M_CAPTCHA_INVALID")] as [(JSON, String)] {
                let auth: JSON = ["type": "m.login.recaptcha", "session": session, "response": response]
                let answer = try await server.ask(.post, "register", ["auth": auth])
                #expect(answer.status == 401 && answer.errcode == errcode && answer["completed"] == [])
            }
            let auth: JSON = ["type": "m.login.recaptcha", "session": session, "response": "solved & true"]
            let answer = try await server.ask(.post, "register", ["auth": auth], from: "10.0.0.1")
            #expect(answer.status == 200 && answer["user_id"] == "@alice:test")
            #expect(try await server.ask(.post, "register", ["auth": auth]).body == answer.body)
            #expect(
                asked.forms == [
                    "secret=private&response=wrong", "secret=private&response=solved%20%26%20true&remoteip=10.0.0.1",
                ])
            let dummy = try await server.ask(.post, "register", ["auth": ["type": "m.login.dummy", "session": session]])
            #expect(dummy.status == 200, "the session is through")
            let other = try await server.ask(.post, "register", ["auth": ["type": "m.login.dummy"]])
            #expect(other.status == 401 && other.errcode == "M_UNRECOGNIZED")
        }
    }

    @Test func aCaptchaNobodyAskedForIsAStageToo() async throws {
        try await run(Asked(), isRequired: false) { server in
            let answer = try await server.ask(.post, "register", ["username": "alice", "auth": Self.answers])
            #expect(answer.status == 401 && answer["completed"] == ["m.login.recaptcha"] && answer.errcode == nil)
            #expect(answer["flows"] == [["stages": ["m.login.dummy"]]] && answer["params"] == [:])
        }
    }

    @Test func theBypassDoesWithoutAsking() async throws {
        let asked = Asked()
        try await run(asked, isRequired: true) { server in
            let auth: JSON = ["type": "m.login.recaptcha", "response": "bypass"]
            let answer = try await server.ask(.post, "register", ["username": "bob", "password": "secret", "auth": auth])
            #expect(answer.status == 200 && asked.forms.isEmpty)
        }
    }

    @Test func aServiceThatIsAwayOrUnclearLetsNobodyIn() async throws {
        for answer: JSON in [["success": "yes"], "text", ["pad": .string(String(repeating: "a", count: 100_000))]] {
            try await run(Asked(answer), isRequired: true) { server in
                let answer = try await server.ask(.post, "register", ["password": "secret", "auth": Self.answers])
                #expect(answer.status == 503 && answer.errcode == "M_UNKNOWN")
            }
        }
        let captcha = ClientAPIConfig.Captcha(
            isRequired: true, publicKey: "public", privateKey: "private", verifyURL: "http://127.0.0.1:1/")
        try await TestServer.run({ $0.captcha = captcha }) { server in
            let answer = try await server.ask(.post, "register", ["password": "secret", "auth": Self.answers])
            #expect(answer.status == 503)
        }
    }

    @Test func withoutCaptchasThereIsNoSuchStage() async throws {
        try await TestServer.run { server in
            let answer = try await server.ask(.post, "register", ["auth": Self.answers])
            #expect(answer.status == 401 && answer.errcode == "M_UNRECOGNIZED")
        }
    }

    /// Those who set captchas, and what they were asked.
    private final class Asked: Sendable {
        private let received = Mutex<[String]>([])
        private let answer: JSON?

        init(_ answer: JSON? = nil) { self.answer = answer }

        var forms: [String] { received.withLock { $0 } }

        func verify(_ request: Request) -> Response {
            let form = String(decoding: request.body, as: UTF8.self)
            received.withLock { $0.append(form) }
            let reply = answer ?? ["success": .bool(form.contains("response=solved%20%26%20true"))]
            return .json(bytes: reply.serialized())
        }
    }

    private func run(
        _ asked: Asked, isRequired: Bool, _ body: @Sendable @escaping (TestServer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "tests")
        let verify = Endpoint.post("/siteverify", .open) { (request: Request) -> Response in asked.verify(request) }
        var options = ServerOptions()
        options.drainTimeout = .milliseconds(200)
        let service = HTTPServer(
            listen: ListenAddress(host: "127.0.0.1", port: 0), responder: Responder(router: Router([verify]), logger: logger),
            options: options, logger: logger)
        let services = ServiceGroup(services: [service], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let port = try await service.boundAddress.port
            let captcha = ClientAPIConfig.Captcha(
                isRequired: isRequired, publicKey: "public", privateKey: "private",
                verifyURL: "http://127.0.0.1:\(port)/siteverify", bypassSecret: "bypass")
            try await TestServer.run({ $0.captcha = captcha }, body)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
