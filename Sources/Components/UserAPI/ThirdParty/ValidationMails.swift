import Contracts
import Logging
import Mail
import Matrix
import Web

/// Writes the mails by which people show that an address is theirs.
struct ValidationMails: Sendable {
    private let sender: SMTPSender
    private let config: UserAPIConfig.Email
    private let serverName: String
    private let logger: Logger

    init(_ config: UserAPIConfig.Email, serverName: String, logger: Logger) throws {
        sender = try SMTPSender(config.smtp)
        self.config = config
        self.serverName = serverName
        self.logger = logger
    }

    func send(_ purpose: ValidationPurpose, to address: EmailAddress, sid: String, token: String) async throws {
        do {
            try await sender.send(message(purpose, to: address, sid: sid, token: token))
        } catch let failure as MailFailure {
            logger.warning("a mail was not sent", metadata: ["reason": "\(failure)"])
            throw failure.isOfRecipient
                ? MatrixError.invalidParam("The mail server does not take this address")
                : MatrixError.unavailable("The mail cannot be sent for now")
        }
    }

    private func message(_ purpose: ValidationPurpose, to address: EmailAddress, sid: String, token: String) -> MailMessage {
        let path = "_matrix/client/unstable/\(purpose.folder)/email/submit_token"
        let link = "\(config.clientURL)/\(path)?sid=\(percentEncoded(sid))&token=\(percentEncoded(token))"
        let text = purpose.text(server: serverName, link: link)
        return MailMessage(from: config.from, to: address, subject: text.subject, text: text.body)
    }
}

extension ValidationPurpose {
    /// Where links of this purpose lead, below the client API.
    fileprivate var folder: String {
        switch self {
        case .registration: "registration"
        case .adding: "add_threepid"
        case .owning: "password_reset"
        }
    }

    fileprivate func text(server: String, link: String) -> (subject: String, body: String) {
        switch self {
        case .registration:
            (
                "Confirm your address for \(server)",
                """
                Somebody, you we hope, is making an account on \(server) with this address. If it is you, open this:

                \(link)

                Then go back to where you are registering. The link works for a day.

                If it is not you, there is nothing to do: without the link nothing comes of it.
                """
            )
        case .adding:
            (
                "Confirm your address for \(server)",
                """
                Somebody, you we hope, wants to add this address to an account on \(server). If it is you, open this:

                \(link)

                Then go back to where you are adding it. The link works for a day.

                If it is not you, there is nothing to do: without the link nothing comes of it.
                """
            )
        case .owning:
            (
                "Your account on \(server)",
                """
                Somebody, you we hope, has forgotten the password of the account on \(server) that this address belongs to. If \
                it is you, open this, and say yes on the page that comes:

                \(link)

                Then go back to where you are setting a new password. The link works for a day.

                If it is not you, do not say yes: whoever asked for this mail could then take your account.
                """
            )
        }
    }
}
