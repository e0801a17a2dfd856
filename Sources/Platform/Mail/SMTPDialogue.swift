import Foundation

/// Hands one mail over on a connection. [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321)
struct SMTPDialogue {
    let channel: SMTPChannel
    let options: SMTPOptions

    func deliver(_ message: MailMessage) async throws {
        try check(await channel.greeting.get(), is: 220, to: "connecting")
        let extensions = try await protected(try await hello())
        if let credentials = options.credentials { try await logIn(credentials, extensions) }
        try await command("MAIL", "MAIL FROM:<\(message.from.address)>")
        try await command("RCPT", "RCPT TO:<\(message.to)>")
        try check(await ask("DATA"), is: 354, to: "DATA")
        let taken = try await channel.ask(message.wire(date: Date(), id: UUID()))
        guard taken.isPositive else { throw refusal(taken, of: "DATA") }
        // The mail is theirs; what they say to this makes no difference.
        _ = try? await ask("QUIT")
    }

    /// What the server can do beyond the first SMTP, in capitals.
    private func hello() async throws -> [String] {
        let reply = try await ask("EHLO \(options.ownName)")
        if reply.isPositive { return reply.lines.dropFirst().map { $0.uppercased() } }
        try await command("HELO", "HELO \(options.ownName)")
        return []
    }

    /// Begins TLS as far as is asked for; what the server can do is asked anew then, since anybody may have said it before.
    private func protected(_ extensions: [String]) async throws -> [String] {
        switch options.security {
        case .implicit, .none: return extensions
        case .ifOffered where !extensions.contains("STARTTLS"): return extensions
        case .required where !extensions.contains("STARTTLS"): throw MailFailure.insecure("the server does not offer TLS")
        case .ifOffered, .required:
            try check(await channel.ask(line("STARTTLS"), startingTLS: true), is: 220, to: "STARTTLS")
            return try await hello()
        }
    }

    private func logIn(_ credentials: SMTPOptions.Credentials, _ extensions: [String]) async throws {
        guard try await channel.isUnderTLS else { throw MailFailure.insecure("a password is sent only under TLS") }
        let ways = extensions.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").dropFirst().map(String.init) ?? []
        if ways.contains("PLAIN") {
            let text = "\0\(credentials.username)\0\(credentials.password)"
            return try await command("AUTH", "AUTH PLAIN \(base64(text))")
        }
        guard ways.contains("LOGIN") else { throw MailFailure.insecure("the server knows no way to log in that we know") }
        try check(await ask("AUTH LOGIN"), is: 334, to: "AUTH")
        try check(await ask(base64(credentials.username)), is: 334, to: "AUTH")
        try await command("AUTH", base64(credentials.password))
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func ask(_ text: String) async throws -> SMTPReply { try await channel.ask(line(text)) }

    private func line(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }

    private func command(_ name: String, _ text: String) async throws {
        let reply = try await ask(text)
        guard reply.isPositive else { throw refusal(reply, of: name) }
    }

    private func check(_ reply: SMTPReply, is code: Int, to command: String) throws {
        guard reply.code == code else { throw refusal(reply, of: command) }
    }

    private func refusal(_ reply: SMTPReply, of command: String) -> MailFailure {
        .refused(command: command, code: reply.code, text: String(reply.text.prefix(200)))
    }
}
