import ClientAPI
import FederationAPI
import Matrix
import MediaAPI
import Roomserver
import SyncAPI
import UserAPI
import Web

/// What each component is told of the configuration.
extension Configuration {
    private var roomVersion: RoomVersion { RoomVersion(defaultRoomVersion) ?? .default }

    var clientAPIConfig: ClientAPIConfig {
        var config = ClientAPIConfig(
            serverName: global.serverName, wellKnownClientURL: global.wellKnownClientName.nonEmpty,
            registrationDisabled: clientAPI.registrationDisabled, guestsDisabled: clientAPI.guestsDisabled,
            registrationSharedSecret: clientAPI.registrationSharedSecret.nonEmpty, captcha: captcha, takesEmail: email != nil,
            rateLimiting: .init(
                isEnabled: clientAPI.rateLimiting.enabled, threshold: clientAPI.rateLimiting.threshold,
                cooloffMS: clientAPI.rateLimiting.cooloff.milliseconds,
                exemptUserIDs: Set(clientAPI.rateLimiting.exemptUserIDs)),
            defaultRoomVersion: roomVersion, tellsPresence: global.tellsPresence)
        config.turn = turn
        config.serverNotices = global.serverNotices.map {
            .init(
                localpart: $0.localpart, displayName: $0.displayName.nonEmpty, avatarURL: $0.avatarURL.nonEmpty,
                roomName: $0.roomName)
        }
        config.trustedIdentityServers = global.trustedIdentityServers
        config.support = .init(
            matrixID: global.supportMatrixID.nonEmpty, emailAddress: global.supportEmail.nonEmpty,
            page: global.supportPage.nonEmpty)
        config.registrationRequiresToken = clientAPI.registrationRequiresToken
        return config
    }

    private var turn: ClientAPIConfig.Turn? {
        clientAPI.turn.map { turn in
            .init(
                uris: turn.uris, lifetimeSeconds: turn.lifetime.components.seconds,
                credentials: turn.sharedSecret.nonEmpty.map { .sharedSecret($0) }
                    ?? .fixed(username: turn.username, password: turn.password))
        }
    }

    private var captcha: ClientAPIConfig.Captcha? {
        let section = clientAPI.captcha
        guard let privateKey = section.privateKey.nonEmpty else { return nil }
        return .init(
            isRequired: section.required, publicKey: section.publicKey, privateKey: privateKey,
            verifyURL: section.verifyURL.nonEmpty ?? ClientAPIConfig.Captcha.google, bypassSecret: section.bypassSecret.nonEmpty)
    }

    var federationAPIConfig: FederationAPIConfig {
        FederationAPIConfig(
            serverName: global.serverName, wellKnownServerName: global.wellKnownServerName.nonEmpty,
            trustedIdentityServers: global.trustedIdentityServers)
    }

    var mediaAPIConfig: MediaAPIConfig {
        MediaAPIConfig(
            serverName: global.serverName, basePath: mediaAPI.basePath,
            maxFileSizeBytes: mediaAPI.maxFileSizeBytes > 0 ? mediaAPI.maxFileSizeBytes : nil)
    }

    var roomserverConfig: RoomserverConfig {
        get throws {
            guard let signingKey else { throw CommandFailure("global.private_key: the roomserver signs events with this key") }
            return RoomserverConfig(serverName: global.serverName, signingKey: signingKey, defaultRoomVersion: roomVersion)
        }
    }

    var syncAPIConfig: SyncAPIConfig {
        SyncAPIConfig(serverName: global.serverName, isAlone: global.jetStream.addresses.isEmpty, tellsPresence: global.tellsPresence)
    }

    var userAPIConfig: UserAPIConfig {
        var config = UserAPIConfig(serverName: global.serverName, bcryptCost: bcryptCost, email: emailConfig)
        config.openIDTokenLifetimeMS = openIDTokenLifetimeMS
        config.accessTokenLifetimeMS = accessTokenLifetime.milliseconds
        return config
    }

    private var emailConfig: UserAPIConfig.Email? {
        guard let email else { return nil }
        var smtp = email.smtp
        smtp.trustedCertificates = TrustedCertificates.file
        smtp.ownName = ServerName(global.serverName).map(\.nameInMail) ?? "localhost"
        var url = global.wellKnownClientName.nonEmpty ?? "https://\(global.serverName)"
        while url.hasSuffix("/") { url.removeLast() }
        return .init(smtp: smtp, from: email.from, clientURL: url)
    }
}

extension ServerName {
    /// As a machine names itself to a mail server. [RFC 5321, 4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)
    fileprivate var nameInMail: String {
        guard isAddress else { return host }
        return host.contains(":") ? "[IPv6:\(host)]" : "[\(host)]"
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
