import Contracts
import Crypto
import Foundation
import Matrix

/// What a session of user-interactive authentication is for, and the parameters it remembers, which may hold a password:
/// readable only with the session's ID, which the database does not have.
struct SealedSession: Codable {
    var operation: String
    var userID: String?
    var parameters: RawJSON

    func sealed(for session: String) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(JSONCoder.encode(self), using: Self.key(session))
        return Array(box.combined)
    }

    init(opening bytes: [UInt8], of session: String) throws {
        let opened = try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: bytes), using: Self.key(session))
        self = try JSONCoder.decode(Self.self, from: Array(opened))
    }

    init(_ call: StartAuthentication) {
        operation = call.operation
        userID = call.userID
        parameters = call.parameters
    }

    /// Another function of the ID than the hash it is stored under.
    private static func key(_ session: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(session.utf8)), info: Array("user-interactive authentication".utf8),
            outputByteCount: 32)
    }
}
