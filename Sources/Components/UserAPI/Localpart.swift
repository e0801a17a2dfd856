import Contracts
import Matrix

/// Which localparts an account of this server may be given.
/// [User identifiers](https://spec.matrix.org/v1.19/appendices/#user-identifiers)
enum Localpart {
    /// The user ID that a new account with this localpart has, or M_INVALID_USERNAME.
    static func userID(_ localpart: String, on server: String, for kind: AccountKind) throws -> String {
        guard UserID.isValidNewLocalpart(localpart) else {
            throw MatrixError.invalidUsername("A user ID may only contain the letters a-z, digits, and any of ._=-/+")
        }
        let userID = "@\(localpart):\(server)"
        guard userID.utf8.count <= 255 else { throw MatrixError.invalidUsername("The user ID is too long") }
        if kind == .user {
            guard !localpart.hasPrefix("_") else { throw MatrixError.invalidUsername("A user ID may not begin with _") }
            guard !localpart.utf8.allSatisfy(isDigit) else {
                throw MatrixError.invalidUsername("User IDs of digits only are kept for guests")
            }
        }
        return userID
    }

    /// A localpart for someone who did not ask for one: a number that nobody guesses to be taken.
    static func random() -> String { String(UInt64.random(in: 1_000_000_000..<10_000_000_000_000)) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
