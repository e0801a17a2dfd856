import Foundation
import Mail

extension Configuration.Email {
    /// Nil where mails are off, or something about them does not do.
    init?(_ values: ConfigurationValues) {
        guard values.boolean("user_api.email.enabled"), let from = Mailbox(values.string("user_api.email.from")),
            var smtp = Self.server(values.string("user_api.email.smtp.host"))
        else { return nil }
        smtp.security = SMTPOptions.Security(rawValue: values.string("user_api.email.smtp.tls")) ?? .ifOffered
        smtp.verifiesCertificates = !values.boolean("user_api.email.smtp.disable_tls_validation")
        let username = values.string("user_api.email.smtp.username")
        if !username.isEmpty {
            smtp.credentials = .init(username: username, password: values.string("user_api.email.smtp.password"))
        }
        self.init(from: from, smtp: smtp)
    }

    /// `HOST:PORT`; without a port, 25.
    private static func server(_ text: String) -> SMTPOptions? {
        guard let url = URL(string: "smtp://\(text)"), let host = url.host, !host.isEmpty, url.path.isEmpty, url.user == nil,
            (url.port.map { (1...65535).contains($0) } ?? true)
        else { return nil }
        return SMTPOptions(host: host.trimmingCharacters(in: ["[", "]"]), port: url.port ?? 25)
    }

    /// Says what about mails does not do.
    static func check(_ values: inout ConfigurationValues) {
        guard values.boolean("user_api.email.enabled") else { return }
        if Mailbox(values.string("user_api.email.from")) == nil {
            values.refuse(
                "user_api.email.from", "mails need a sender", mend: "Write an address: matrix@example.org, or Name <matrix@example.org>")
        }
        if server(values.string("user_api.email.smtp.host")) == nil {
            values.refuse("user_api.email.smtp.host", "this is no mail server", mend: "Write HOST:PORT, for example localhost:25")
        }
    }
}
