/// Why a mail was not taken by the mail server.
public enum MailFailure: Error, Sendable, Equatable {
    case unreachable(String)
    case timedOut
    /// The connection ended, or what came over it was not SMTP. What became of the mail is not known.
    case broken(String)
    /// The server said no; `command` is what it was asked, without its arguments.
    case refused(command: String, code: Int, text: String)
    /// The connection is not as safe as it is to be.
    case insecure(String)
    /// Too many mails are on their way at once.
    case busy

    /// Whether it is the address that will never do.
    public var isOfRecipient: Bool {
        if case .refused("RCPT", let code, _) = self { (500...599).contains(code) } else { false }
    }
}
