import Foundation

/// What a server says of itself on connecting, and again when its cluster changes.
public struct ServerInfo: Sendable, Hashable, Decodable {
    public var serverID = ""
    public var version = ""
    public var maxPayload = 1 << 20
    public var headers = false
    public var jetStream = false
    public var tlsRequired = false
    public var tlsAvailable = false
    public var authRequired = false
    /// What an nkey signs.
    public var nonce: String?
    /// Where else this cluster can be reached, as `host:port`.
    public var connectURLs: [String] = []
    /// The server is about to shut down and wants its clients elsewhere.
    public var lameDuckMode = false
    public var cluster: String?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case serverID = "server_id", version, maxPayload = "max_payload", headers, jetStream = "jetstream"
        case tlsRequired = "tls_required", tlsAvailable = "tls_available", authRequired = "auth_required", nonce
        case connectURLs = "connect_urls", lameDuckMode = "ldm", cluster
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: Decodable>(_ key: CodingKeys, _ absent: T) throws -> T {
            try container.decodeIfPresent(T.self, forKey: key) ?? absent
        }
        serverID = try value(.serverID, "")
        version = try value(.version, "")
        maxPayload = try value(.maxPayload, 1 << 20)
        headers = try value(.headers, false)
        jetStream = try value(.jetStream, false)
        tlsRequired = try value(.tlsRequired, false)
        tlsAvailable = try value(.tlsAvailable, false)
        authRequired = try value(.authRequired, false)
        nonce = try container.decodeIfPresent(String.self, forKey: .nonce)
        connectURLs = try value(.connectURLs, [])
        lameDuckMode = try value(.lameDuckMode, false)
        cluster = try container.decodeIfPresent(String.self, forKey: .cluster)
    }

    static func parse(_ json: some Collection<UInt8>) throws -> ServerInfo {
        do {
            return try JSONDecoder().decode(ServerInfo.self, from: Data(json))
        } catch {
            throw NATSError.protocolViolation("INFO is not what was expected")
        }
    }
}
