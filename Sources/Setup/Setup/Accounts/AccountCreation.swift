import Foundation
import Matrix
import Web

/// What `create-account` does: finds the shared secret and the password, and asks the server.
public struct AccountCreation: Sendable {
    public var configPath: String
    public var url: String
    public var username: String
    public var password: String?
    public var passwordFile: String?
    public var passwordFromStandardInput: Bool
    public var isAdmin: Bool

    public init(
        configPath: String, url: String, username: String, password: String?, passwordFile: String?,
        passwordFromStandardInput: Bool, isAdmin: Bool
    ) {
        self.configPath = configPath
        self.url = url
        self.username = username
        self.password = password
        self.passwordFile = passwordFile
        self.passwordFromStandardInput = passwordFromStandardInput
        self.isAdmin = isAdmin
    }

    /// The new account's user ID.
    public func run() async throws -> String {
        let secret = try Configuration.load(path: configPath, mode: .tool).clientAPI.registrationSharedSecret
        guard !secret.isEmpty else {
            throw CommandFailure(
                "\(configPath): client_api.registration_shared_secret is empty. Write one there and restart the server.")
        }
        guard let server = URL(string: url), ["http", "https"].contains(server.scheme), server.host != nil else {
            throw CommandFailure("--url \(url): write the server's address, for example http://localhost:8008.")
        }
        let registration = AccountRegistration(
            server: server, sharedSecret: secret, username: username, password: try passwordSource().read(), isAdmin: isAdmin)
        return try await registration.run(Self.send).userID
    }

    private func passwordSource() throws -> PasswordSource {
        let given = [password != nil, passwordFile != nil, passwordFromStandardInput].count { $0 }
        guard given <= 1 else { throw CommandFailure("Give one of --password, --passwordfile and --passwordstdin.") }
        if let password { return .given(password) }
        if let passwordFile { return .file(passwordFile) }
        return passwordFromStandardInput ? .standardInput : .terminal
    }

    /// A certificate that this machine does not know is no hindrance: `--url` names the server, and only a proof of the secret is sent.
    private static let send: AccountRegistration.Send = { method, url, body in
        var options = HTTPClient.Options()
        options.verifiesCertificates = false
        let reply = try await HTTPClient(options).request(
            method == "GET" ? .get : .post, url.absoluteString, headers: ["Content-Type": "application/json"], body: body)
        return (reply.status, reply.body)
    }
}
