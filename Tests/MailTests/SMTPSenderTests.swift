import Foundation
import Mail
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SMTPSenderTests {
    private let tls = (certificate: TestCertificate.certificate, key: TestCertificate.key)

    private func message(_ text: String = "Hello\n.") throws -> MailMessage {
        MailMessage(
            from: Mailbox(name: "Server", address: try #require(EmailAddress("server@example.org"))),
            to: try #require(EmailAddress("alice@example.org")), subject: "Hello", text: text)
    }

    private func send(to server: TestMailServer, _ change: (inout SMTPOptions) -> Void = { _ in }) async throws {
        var options = SMTPOptions(host: "127.0.0.1", port: server.port)
        options.ownName = "matrix.example.org"
        change(&options)
        try await SMTPSender(options).send(message())
    }

    private func failure(_ server: TestMailServer, _ change: (inout SMTPOptions) -> Void = { _ in }) async throws -> MailFailure? {
        do {
            try await send(to: server, change)
            return nil
        } catch let failure as MailFailure {
            return failure
        }
    }

    @Test(arguments: [true, false])
    func aMailIsHandedOver(toAServerOfToday isNew: Bool) async throws {
        try await TestMailServer.run({ $0.knowsExtensions = isNew }) { server in
            try await send(to: server)
            let mail = try #require(server.mails.first)
            #expect(server.mails.count == 1 && mail.from == "<server@example.org>" && mail.to == "<alice@example.org>")
            #expect(mail.data.hasSuffix("\r\n\r\nHello\r\n.\r\n"))
            #expect(mail.commands.contains(isNew ? "EHLO matrix.example.org" : "HELO matrix.example.org"))
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN"])
    func aPasswordGoesUnderTLS(by way: String) async throws {
        try await TestMailServer.run({ ($0.tls, $0.logins) = (tls, [way]) }) { server in
            let folder = try Folder()
            try folder.write(TestCertificate.certificate, to: "ca.pem")
            try await send(to: server) {
                $0.trustedCertificates = "\(folder.path)/ca.pem"
                $0.credentials = .init(username: "user", password: "secret")
            }
            let mail = try #require(server.mails.first)
            #expect(mail.wasUnderTLS)
            func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
            #expect(
                way == "PLAIN"
                    ? mail.commands.contains("AUTH PLAIN \(base64("\0user\0secret"))")
                    : mail.commands.contains(base64("user")) && mail.commands.contains(base64("secret")))
        }
    }

    @Test func aPasswordIsNotSentInTheClear() async throws {
        try await TestMailServer.run { server in
            let failure = try await failure(server) { $0.credentials = .init(username: "user", password: "secret") }
            guard case .insecure = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
            #expect(server.mails.isEmpty)
        }
    }

    @Test func aCertificateOfAnotherIsNotBelieved() async throws {
        try await TestMailServer.run({ $0.tls = tls }) { server in
            let failure = try await failure(server)
            #expect(failure != nil && server.mails.isEmpty)
            try await send(to: server) { $0.verifiesCertificates = false }
            #expect(server.mails.count == 1)
        }
    }

    @Test func withoutTLSNothingIsSentWhereItIsRequired() async throws {
        try await TestMailServer.run { server in
            let failure = try await failure(server) { $0.security = .required }
            #expect(failure == .insecure("the server does not offer TLS"))
        }
    }

    @Test func wordsBeforeTLSAreNotTakenForTheServers() async throws {
        try await TestMailServer.run({ ($0.tls, $0.wordsBeforeTLS) = (tls, "250 AUTH PLAIN\r\n") }) { server in
            let failure = try await failure(server) { $0.verifiesCertificates = false }
            #expect(failure == .insecure("words before TLS"))
        }
    }

    @Test func aRefusalIsTold() async throws {
        try await TestMailServer.run({ $0.answers["RCPT"] = "550 nobody here" }) { server in
            let failure = try await failure(server)
            #expect(failure == .refused(command: "RCPT", code: 550, text: "nobody here") && failure?.isOfRecipient == true)
        }
        try await TestMailServer.run({ $0.answers["MAIL"] = "451 later" }) { server in
            let failure = try await failure(server)
            #expect(failure?.isOfRecipient == false)
        }
        try await TestMailServer.run({ $0.answers["EHLO"] = "nonsense" }) { server in
            let failure = try await failure(server)
            #expect(failure == .broken("an answer that is not SMTP"))
        }
    }

    @Test func aServerThatSaysNothingIsNotWaitedForForEver() async throws {
        try await TestMailServer.run({ $0.isSilent = true }) { server in
            let failure = try await failure(server) { $0.timeout = .milliseconds(100) }
            #expect(failure == .timedOut)
        }
    }

    @Test func aServerThatIsAwayIsUnreachable() async throws {
        let failure = await #expect(throws: MailFailure.self) {
            try await SMTPSender(SMTPOptions(host: "127.0.0.1", port: 1)).send(message())
        }
        guard case .unreachable = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
    }
}
