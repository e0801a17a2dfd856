import Matrix

/// What a client makes up to keep a validation its own.
enum ClientSecret {
    /// The hash under which a secret is stored, or M_INVALID_PARAM where it is none.
    static func hash(_ secret: String) throws -> [UInt8] {
        guard (1...255).contains(secret.utf8.count), secret.utf8.allSatisfy(isAllowed) else {
            throw MatrixError.invalidParam("client_secret may only contain the letters a-z and A-Z, digits, and any of .=_-")
        }
        return Secret.hash(secret)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "="), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
