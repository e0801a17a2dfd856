import Web

extension MediaAPI {
    /// What the mediaapi serves of the client-server API, in the order of the specification.
    public var endpoints: [Endpoint] {
        let media = "/_matrix/media/(r0|v1|v3)", authed = "/_matrix/client/v1/media"
        let upload = Upload(config: config, database: database, files: files, logger: logger)
        let download = Download(config: config, database: database, files: files)
        return [
            .post("\(media)/upload", .user, limit: .stream(config.uploadLimit)) { try await upload($0) },
            .get("\(authed)/download/{serverName}/{mediaId}", .user) { try await download($0) },
            .get("\(authed)/download/{serverName}/{mediaId}/{fileName}", .user) { try await download($0) },
            .get("\(authed)/config", .user) { _ in mediaConfig },
            .get("\(media)/download/{serverName}/{mediaId}", .open) { try await download($0) },
            .get("\(media)/download/{serverName}/{mediaId}/{fileName}", .open) { try await download($0) },
            .get("\(media)/config", .user) { _ in mediaConfig },
        ]
    }

    private struct Config: Encodable, Sendable {
        var uploadSize: Int?
        enum CodingKeys: String, CodingKey { case uploadSize = "m.upload.size" }
    }

    private var mediaConfig: Config { Config(uploadSize: config.uploadLimit) }
}
