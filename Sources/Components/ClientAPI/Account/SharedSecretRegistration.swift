import Contracts
import Crypto
import Matrix
import Web

/// Makes accounts for whoever knows the shared secret, as Synapse and Dendrite do, also where registration is disabled.
struct SharedSecretRegistration: Sendable {
    let secret: String
    let config: ClientAPIConfig
    let users: any UserAPI

    /// `GET /_synapse/admin/v1/register`
    func nonce(_: Request) async throws -> Response {
        let nonce = try await users.call(CreateRegistrationNonce()).nonce
        return .object(["nonce": .string(nonce)])
    }

    /// `POST /_synapse/admin/v1/register`
    func register(_ request: Request) async throws -> Response {
        let body = try request.object()
        let wanted = try Wanted(body)
        _ = try await users.call(SpendRegistrationNonce(nonce: try body.string("nonce")))
        guard wanted.isAuthenticated(by: try body.string("mac"), nonce: try body.string("nonce"), secret: secret) else {
            throw MatrixError.forbidden("HMAC incorrect")
        }
        let tokens = DeviceTokens.random()
        let registered = try await users.call(
            RegisterAccount(
                localpart: wanted.username.lowercased(), password: wanted.password, kind: .user, isAdmin: wanted.isAdmin,
                device: try request.newDevice(tokens, body.filter { key, _ in key.hasSuffix("device_display_name") })))
        if let name = try body.optionalString("displayname") {
            let field = SetProfileField(userID: registered.userID, field: "displayname", value: RawJSON(.string(name)))
            _ = try await users.call(field)
        }
        let reply: JSONObject = [
            "user_id": .string(registered.userID), "access_token": .string(tokens.access),
            "device_id": .string(registered.deviceID ?? ""), "home_server": .string(config.serverName),
        ]
        return .object(reply)
    }

    /// What the secret's holder signed.
    private struct Wanted {
        var username: String
        var password: String
        var isAdmin: Bool
        var userType: String?

        init(_ body: JSONObject) throws {
            username = try body.string("username")
            password = try body.string("password")
            isAdmin = try body.optionalBool("admin") ?? false
            userType = try body.optionalString("user_type")
            guard !username.utf8.contains(0), !password.utf8.contains(0) else {
                throw MatrixError.invalidParam("U+0000 separates what is signed, and stands in none of it")
            }
        }

        func isAuthenticated(by mac: String, nonce: String, secret: String) -> Bool {
            let parts = [nonce, username, password, isAdmin ? "admin" : "notadmin"] + (userType.map { [$0] } ?? [])
            guard let code = bytes(hexadecimal: mac) else { return false }
            return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                code, authenticating: Array(parts.joined(separator: "\0").utf8),
                using: SymmetricKey(data: Array(secret.utf8)))
        }

        private func bytes(hexadecimal text: String) -> [UInt8]? {
            let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
            guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }
}
