import ClientAPI
import FederationAPI
import Matrix
import MediaAPI
import Roomserver
import SyncAPI
import UserAPI

/// What each component is told of the configuration.
extension Configuration {
    private var roomVersion: RoomVersion { RoomVersion(defaultRoomVersion) ?? .default }

    var clientAPIConfig: ClientAPIConfig {
        ClientAPIConfig(
            serverName: global.serverName, wellKnownClientURL: global.wellKnownClientName.nonEmpty,
            registrationDisabled: clientAPI.registrationDisabled, guestsDisabled: clientAPI.guestsDisabled,
            registrationSharedSecret: clientAPI.registrationSharedSecret.nonEmpty,
            rateLimiting: .init(
                isEnabled: clientAPI.rateLimiting.enabled, threshold: clientAPI.rateLimiting.threshold,
                cooloffMS: clientAPI.rateLimiting.cooloff.milliseconds),
            defaultRoomVersion: roomVersion)
    }

    var federationAPIConfig: FederationAPIConfig {
        FederationAPIConfig(serverName: global.serverName, wellKnownServerName: global.wellKnownServerName.nonEmpty)
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
        SyncAPIConfig(serverName: global.serverName, isAlone: global.jetStream.addresses.isEmpty)
    }

    var userAPIConfig: UserAPIConfig { UserAPIConfig(serverName: global.serverName, bcryptCost: bcryptCost) }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
