import Foundation

/// How we prove to a server who we are.
public enum Authentication: Sendable {
    case none
    case token(String)
    case userPassword(user: String, password: String)
    case nkey(NKey)
    /// A signed user JWT and the key it names.
    case credentials(Credentials)
    /// A file with a JWT and a seed, read at each connection, so that it may be renewed.
    case credentialsFile(path: String)

    /// Fills in what CONNECT must say; `nonce` is the server's challenge.
    func apply(to options: inout ConnectOptions, nonce: String?) throws {
        switch self {
        case .none: break
        case .token(let token): options.token = token
        case .userPassword(let user, let password):
            options.user = user
            options.password = password
        case .nkey(let key):
            options.nkey = key.publicKey
            options.signature = try Self.signature(key, nonce)
        case .credentials(let credentials):
            options.jwt = credentials.jwt
            options.signature = try Self.signature(credentials.key, nonce)
        case .credentialsFile(let path):
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw NATSError.invalidCredentials("can't read \(path)")
            }
            try Self.credentials(Credentials(parsing: text)).apply(to: &options, nonce: nonce)
        }
    }

    private static func signature(_ key: NKey, _ nonce: String?) throws -> String {
        guard let nonce else { throw NATSError.authorization("the server offers nothing to sign for an nkey") }
        return Data(try key.sign(Data(nonce.utf8))).base64URL
    }
}

/// What a credentials file holds.
public struct Credentials: Sendable {
    public let jwt: String
    public let key: NKey

    public init(jwt: String, key: NKey) {
        self.jwt = jwt
        self.key = key
    }

    /// Reads the two blocks between dashed lines: a JWT, then a seed.
    public init(parsing text: String) throws {
        var blocks: [String] = [], current: String?
        for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.hasPrefix("---"), line.hasSuffix("---") {
                if let block = current {
                    blocks.append(block)
                    current = nil
                } else if line.contains("BEGIN") {
                    current = ""
                }
            } else if current != nil, !line.isEmpty {
                current?.append(line)
            }
        }
        guard blocks.count >= 2 else { throw NATSError.invalidCredentials("a credentials file has a JWT and a seed") }
        self.init(jwt: blocks[0], key: try NKey(seed: blocks[1]))
    }
}

extension Data {
    /// Base 64 for URLs, without padding.
    var base64URL: String {
        String(base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
    }
}
