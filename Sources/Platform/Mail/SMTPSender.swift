import Synchronization

/// Hands mails over to a mail server, one on a connection.
public final class SMTPSender: Sendable {
    private let options: SMTPOptions
    private let tls: SMTPClientTLS
    private let underWay = Mutex(0)
    /// Beyond these a mail is refused: whoever asked may ask again.
    private static let mostAtOnce = 32

    public init(_ options: SMTPOptions) throws {
        self.options = options
        tls = try SMTPClientTLS(options)
    }

    /// Returns when the server has taken the mail; throws ``MailFailure``.
    public func send(_ message: MailMessage) async throws {
        guard begin() else { throw MailFailure.busy }
        defer { underWay.withLock { $0 -= 1 } }
        let channel = try await SMTPChannel.open(options, tls: tls)
        let end = channel.closing(after: options.timeout)
        defer {
            end.cancel()
            channel.close()
        }
        try await withTaskCancellationHandler {
            try await SMTPDialogue(channel: channel, options: options).deliver(message)
        } onCancel: {
            channel.close()
        }
    }

    private func begin() -> Bool {
        underWay.withLock { count in
            guard count < Self.mostAtOnce else { return false }
            count += 1
            return true
        }
    }
}
