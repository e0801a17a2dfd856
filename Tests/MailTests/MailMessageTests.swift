import Foundation
import Testing

@testable import Mail

@Suite struct EmailAddressTests {
    @Test(arguments: ["alice@example.org", "a.b+c@x.example", "A!#$%&'*+-/=?^_`{|}~@localhost", "x@1.2"])
    func plainAddressesAreTaken(text: String) { #expect(EmailAddress(text)?.description == text) }

    @Test(arguments: [
        "", "alice", "@example.org", "alice@", "a b@example.org", "a@b@c", ".a@b", "a.@b", "a..b@c", "a@b..c", "a@-b", "a@b-",
        "a@[127.0.0.1]", "\"a\"@b", "a@b>", "a@b\r\nRCPT TO:<c@d>", "a\n@b", "a@b\0", "ä@example.org", "a@exämple.org",
        "a@b,c@d", "a@b;c", String(repeating: "a", count: 65) + "@b", "a@" + String(repeating: "a", count: 64),
    ])
    func whatIsNoneOrCouldBeMistakenIsNot(text: String) { #expect(EmailAddress(text) == nil) }

    @Test func aMailboxMayHaveAName() {
        #expect(Mailbox("a@b")?.name == nil)
        #expect(Mailbox("Our Server <a@b>")?.name == "Our Server" && Mailbox("Our Server <a@b>")?.address.description == "a@b")
        #expect(Mailbox("Our Server a@b") == nil && Mailbox("X <a@b") == nil && Mailbox("X <a@b\n>") == nil)
    }
}

@Suite struct MailMessageTests {
    private func wire(subject: String = "Hello", text: String, name: String? = nil) throws -> String {
        let from = Mailbox(name: name, address: try #require(EmailAddress("from@example.org")))
        let to = try #require(EmailAddress("to@example.org"))
        let message = MailMessage(from: from, to: to, subject: subject, text: text)
        return String(
            decoding: message.wire(date: Date(timeIntervalSince1970: 0), id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))),
            as: UTF8.self)
    }

    @Test func aMailIsHeadersAndText() throws {
        #expect(
            try wire(text: "one\ntwo") == [
                "From: from@example.org", "To: to@example.org", "Subject: Hello", "Date: Thu, 01 Jan 1970 00:00:00 +0000",
                "Message-ID: <00000000-0000-0000-0000-000000000001@example.org>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "Auto-Submitted: auto-generated",
                "", "one", "two", ".", "",
            ].joined(separator: "\r\n"))
    }

    @Test func aDotAtTheBeginningOfALineDoesNotEndTheMail() throws {
        #expect(try wire(text: "a\n.\n..b\r\n.c").contains("\r\n\r\na\r\n..\r\n...b\r\n..c\r\n.\r\n"))
    }

    @Test func aHeaderStaysOneHeader() throws {
        let mail = try wire(subject: "a\r\nBcc: x@y\u{0}\u{85}", text: "t", name: "N\"\\\nBcc: x")
        #expect(!mail.contains("\r\nBcc:"))
        #expect(mail.contains("From: \"N\\\"\\\\ Bcc: x\" <from@example.org>\r\n"))
        #expect(mail.contains("Subject: a  Bcc: x@y  \r\n"))
    }

    @Test func whatIsNotASCIIIsEncoded() throws {
        let mail = try wire(subject: "Grüße", text: "Grüße\n.")
        #expect(mail.contains("Subject: =?utf-8?B?\(Data("Grüße".utf8).base64EncodedString())?=\r\n"))
        #expect(mail.contains("Content-Transfer-Encoding: base64\r\n"))
        #expect(mail.hasSuffix("\r\n\r\n\(Data("Grüße\r\n.\r\n".utf8).base64EncodedString())\r\n.\r\n"))
        #expect(mail.utf8.allSatisfy { $0 < 0x80 })
    }
}

@Suite struct SMTPReplyTests {
    private func replies(_ text: String) throws -> [SMTPReply] {
        var parser = SMTPReplyParser()
        return try text.utf8.compactMap { try parser.take($0) }
    }

    @Test func repliesOfOneAndOfManyLinesAreRead() throws {
        #expect(
            try replies("220 hi\r\n250-a\r\n250-STARTTLS\r\n250 b\r\n354\r\n") == [
                SMTPReply(code: 220, lines: ["hi"]), SMTPReply(code: 250, lines: ["a", "STARTTLS", "b"]),
                SMTPReply(code: 354, lines: [""]),
            ])
    }

    @Test(arguments: [
        "hello\r\n", "25 x\r\n", "250_x\r\n", "250-a\r\n251 b\r\n", String(repeating: "2", count: 3000),
        String(repeating: "250-x\r\n", count: 100),
    ])
    func whatIsNoReplyOrHasNoEndIsRefused(text: String) { #expect(throws: MailFailure.self) { try replies(text) } }
}
