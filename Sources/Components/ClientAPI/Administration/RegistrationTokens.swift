import Contracts
import Foundation
import Matrix
import Web

/// The tokens by which people may register, for administrators, as Synapse has them.
/// [Registration tokens](https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html)
struct RegistrationTokens: Sendable {
    let users: any UserAPI

    /// `GET /_synapse/admin/v1/registration_tokens`
    func list(_ request: Request) async throws -> Response {
        let query = QueryRegistrationTokens(isValid: try request.query.bool("valid"))
        let tokens = try await users.call(query).tokens
        return .object(["registration_tokens": .array(tokens.map { .object(Self.shown($0)) })])
    }

    /// `GET /_synapse/admin/v1/registration_tokens/{token}`
    func get(_ request: Request) async throws -> Response {
        let query = QueryRegistrationTokens(token: try request.parameters["token"])
        guard let token = try await users.call(query).tokens.first else {
            throw MatrixError.notFound("No such registration token")
        }
        return .object(Self.shown(token))
    }

    /// `POST /_synapse/admin/v1/registration_tokens/new`
    func create(_ request: Request) async throws -> Response {
        let body = try request.object()
        let token = RegistrationToken(
            token: try name(in: body), usesAllowed: try usesAllowed(in: body), expiresTS: try expiry(in: body))
        _ = try await users.call(CreateRegistrationToken(token: token))
        return .object(Self.shown(token))
    }

    /// `PUT /_synapse/admin/v1/registration_tokens/{token}`
    func update(_ request: Request) async throws -> Response {
        let body = try request.object()
        let update = UpdateRegistrationToken(
            token: try request.parameters["token"], setsUsesAllowed: body.contains("uses_allowed"),
            usesAllowed: try usesAllowed(in: body), setsExpiry: body.contains("expiry_time"), expiresTS: try expiry(in: body))
        return .object(Self.shown(try await users.call(update)))
    }

    /// `DELETE /_synapse/admin/v1/registration_tokens/{token}`
    func delete(_ request: Request) async throws -> Response {
        _ = try await users.call(DeleteRegistrationToken(token: try request.parameters["token"]))
        return .empty
    }

    private static func shown(_ token: RegistrationToken) -> JSONObject {
        [
            "token": .string(token.token), "uses_allowed": token.usesAllowed.map(JSON.integer) ?? .null,
            // A use is counted when somebody has registered, and not before.
            "pending": 0, "completed": .integer(token.completed), "expiry_time": token.expiresTS.map(JSON.integer) ?? .null,
        ]
    }

    /// The name that is wanted, or one that nobody guesses.
    private func name(in body: JSONObject) throws -> String {
        if let name = try body.optionalString("token") {
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowed) else {
                throw MatrixError.invalidParam("token may have 1 to 64 of the letters a-z and A-Z, digits, and ._~-")
            }
            return name
        }
        let length = try body["length"].map { length in
            guard let length = length.integer, (1...64).contains(length) else {
                throw MatrixError.invalidParam("length is not an integer from 1 to 64")
            }
            return Int(length)
        }
        return String((AccessToken.random() + AccessToken.random()).prefix(length ?? 16))
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func usesAllowed(in body: JSONObject) throws -> Int64? {
        guard let value = body["uses_allowed"], !value.isNull else { return nil }
        guard let count = value.integer, count >= 0 else {
            throw MatrixError.invalidParam("uses_allowed is neither null nor a count")
        }
        return count
    }

    private func expiry(in body: JSONObject) throws -> Int64? {
        guard let value = body["expiry_time"], !value.isNull else { return nil }
        guard let time = value.integer, time > Int64(Date().timeIntervalSince1970 * 1000) else {
            throw MatrixError.invalidParam("expiry_time is neither null nor a time to come")
        }
        return time
    }
}
