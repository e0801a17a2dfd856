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
        let path = "_matrix/client/unstable/registration/email/submit_token"
        let link = "\(config.clientURL)/\(path)?sid=\(percentEncoded(sid))&token=\(percentEncoded(token))"
        return switch purpose {
        case .registration:
            MailMessage(
                from: config.from, to: address, subject: "Confirm your address for \(serverName)",
                text: """
                    Somebody, you we hope, is making an account on \(serverName) with this address. If it is you, open this:

                    \(link)

                    Then go back to where you are registering. The link works for a day.

                    If it is not you, there is nothing to do: without the link nothing comes of it.
                    """)
        }
    }
}
