import Foundation

/// A mail of plain text to one person.
public struct MailMessage: Sendable {
    public var from: Mailbox
    public var to: EmailAddress
    public var subject: String
    public var text: String

    public init(from: Mailbox, to: EmailAddress, subject: String, text: String) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
    }

    /// What follows `DATA`, up to the line with the dot that ends it.
    func wire(date: Date, id: UUID) -> [UInt8] {
        let lines = bodyLines
        let isPlain = lines.allSatisfy { $0.utf8.count <= 900 && $0.utf8.allSatisfy { $0 < 0x80 && $0 != 0 } }
        let headers = [
            "From: \(from.headerText)", "To: \(to)", "Subject: \(HeaderText.free(subject))", "Date: \(Self.format(date))",
            "Message-ID: <\(id.uuidString.lowercased())@\(from.address.domain)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")",
            "Auto-Submitted: auto-generated", "",
        ]
        let body = isPlain ? lines.map { $0.hasPrefix(".") ? ".\($0)" : $0 } : Self.base64(lines)
        return Array(((headers + body + ["."]).joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// The text's lines, however they are ended.
    private var bodyLines: [String] {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func base64(_ lines: [String]) -> [String] {
        Data((lines.joined(separator: "\r\n") + "\r\n").utf8)
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
            .split(separator: "\n").map(String.init)
    }

    private static func format(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: date)
    }
}
