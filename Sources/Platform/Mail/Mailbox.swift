/// Who a mail is from, as people see it: an address, with a name where there is one.
public struct Mailbox: Sendable, Hashable {
    public var name: String?
    public var address: EmailAddress

    public init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// `alice@example.org` or `Alice <alice@example.org>`.
    public init?(_ text: String) {
        if let address = EmailAddress(text) {
            self.init(address: address)
            return
        }
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<"),
            let address = EmailAddress(String(text[text.index(after: open)...].dropLast()))
        else { return nil }
        var name = text[..<open].drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        self.init(name: name.isEmpty ? nil : String(name), address: address)
    }

    /// As it stands in a header.
    var headerText: String {
        guard let name else { return address.description }
        return "\(HeaderText.phrase(name)) <\(address)>"
    }
}
