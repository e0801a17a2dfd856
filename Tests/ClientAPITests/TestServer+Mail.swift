import Mail
import TestSupport
import Testing
import UserAPI

extension TestServer {
    /// A server that takes e-mail addresses, and what it sends.
    static func runWithMail(_ body: @Sendable (TestServer, TestMailServer) async throws -> Void) async throws {
        try await TestMailServer.run { mails in
            let email = UserAPIConfig.Email(
                smtp: SMTPOptions(host: "127.0.0.1", port: mails.port), from: try #require(Mailbox("test@example.org")),
                clientURL: "https://test")
            try await run({ $0.takesEmail = true }, email: email) { try await body($0, mails) }
        }
    }
}

extension TestMailServer {
    /// The path of the link in the last mail.
    var link: String {
        get throws {
            let data = try #require(mails.last?.data)
            return String(try #require(data.firstMatch(of: /https:\/\/test(\S+)/)).output.1)
        }
    }
}
