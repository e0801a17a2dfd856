import Crypto
import Foundation
import Matrix

/// Makes an account on a running server by the shared secret: `GET` then `POST /_synapse/admin/v1/register`.
struct AccountRegistration: Sendable {
    var server: URL
    var sharedSecret: String
    var username: String
    var password: String
    var isAdmin: Bool

    /// How a request gets to the server and what comes back.
    typealias Send = @Sendable (_ method: String, _ url: URL, _ body: [UInt8]?) async throws -> (status: Int, body: [UInt8])

    struct Account: Decodable, Sendable {
        var userID: String
        enum CodingKeys: String, CodingKey { case userID = "user_id" }
    }

    func run(_ send: Send) async throws -> Account {
        let url = server.appendingPathComponent("_synapse/admin/v1/register")
        let nonce: Nonce = try await answer(to: "GET", url, nil, send)
        let request = Registration(
            nonce: nonce.nonce, username: username, password: password, admin: isAdmin,
            mac: Self.mac(secret: sharedSecret, nonce: nonce.nonce, username: username, password: password, isAdmin: isAdmin))
        return try await answer(to: "POST", url, Array(JSONEncoder().encode(request)), send)
    }

    /// HMAC-SHA1 over what is asked for, in hexadecimal: proof of the secret that does not show it.
    static func mac(secret: String, nonce: String, username: String, password: String, isAdmin: Bool) -> String {
        let text = [nonce, username, password, isAdmin ? "admin" : "notadmin"].joined(separator: "\0")
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private struct Nonce: Decodable { var nonce: String }

    private struct Registration: Encodable {
        var nonce: String
        var username: String
        var password: String
        var admin: Bool
        var mac: String
    }

    private struct Refusal: Decodable {
        var errcode: String?
        var error: String?
    }

    private func answer<Answer: Decodable>(to method: String, _ url: URL, _ body: [UInt8]?, _ send: Send) async throws -> Answer {
        let reply: (status: Int, body: [UInt8])
        do {
            reply = try await send(method, url, body)
        } catch {
            throw CommandFailure(
                "No answer from \(url.absoluteString): \(error). Is the server running there? Name another with --url.")
        }
        guard reply.status == 200 else {
            let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(reply.body))
            throw CommandFailure(explain(reply.status, refusal))
        }
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(reply.body))
        } catch {
            throw CommandFailure("\(url.absoluteString) answered what no homeserver answers. Is --url right?")
        }
    }

    private func explain(_ status: Int, _ refusal: Refusal?) -> String {
        switch (status, refusal?.errcode) {
        case (_, "M_USER_IN_USE"): "There is an account \(username) already."
        case (_, "M_INVALID_USERNAME"):
            "\(username) cannot be a user name: \(refusal?.error ?? "it is not allowed"). Use a-z, 0-9 and ._=-/+"
        case (403, _):
            "The server refuses: \(refusal?.error ?? "forbidden"). Is client_api.registration_shared_secret the one it runs with?"
        case (404, _), (400, "M_UNRECOGNIZED"):
            "The server does not register by shared secret. Set client_api.registration_shared_secret and restart it."
        default:
            "The server answered \(status)\(refusal?.errcode.map { " \($0)" } ?? "")\(refusal?.error.map { ": \($0)" } ?? "")."
        }
    }
}
