import InternalAPI
import Matrix

/// The content of a room's `m.room.third_party_invite` with this token, for who holds it. Errors: M_NOT_FOUND.
public struct QueryThirdPartyInvite: Call {
    public static let path = "/roomserver/queryThirdPartyInvite"
    public static var idempotency: Idempotency { .repeatable }
    public var roomID: String
    public var token: String

    public init(roomID: String, token: String) {
        self.roomID = roomID
        self.token = token
    }
    public var affinity: String? { roomID }

    public struct Reply: Codable, Sendable, Equatable {
        public var content: RawJSON
        public init(content: RawJSON) { self.content = content }
    }
}
