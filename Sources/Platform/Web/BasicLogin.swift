import Foundation
import Matrix

/// A name and a password, as HTTP's basic authentication carries them.
/// [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)
public struct BasicLogin: Sendable {
    private let expected: [UInt8]

    public init(username: String, password: String) { expected = Array("\(username):\(password)".utf8) }

    func check(_ request: Request) throws {
        let parts = (request.headers["Authorization"] ?? "").split(separator: " ")
        let given = parts.count == 2 && parts[0].lowercased() == "basic" ? Data(base64Encoded: String(parts[1])) : nil
        guard let given, constantTimeEqual(Array(given), expected) else {
            throw MatrixError.unauthorized("Name and password, please")
        }
    }
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    var difference = UInt8(a.count == b.count ? 0 : 1)
    for (index, byte) in a.enumerated() { difference |= byte ^ (index < b.count ? b[index] : ~byte) }
    return difference == 0
}
