/// What the mediaapi is told by the configuration.
public struct MediaAPIConfig: Sendable {
    public var serverName: String
    /// The folder of the files. Replicas on several machines share it.
    public var basePath: String
    /// The largest upload, in bytes; nil: 1 GiB.
    public var maxFileSizeBytes: Int?

    public init(serverName: String, basePath: String, maxFileSizeBytes: Int?) {
        self.serverName = serverName
        self.basePath = basePath
        self.maxFileSizeBytes = maxFileSizeBytes
    }

    var uploadLimit: Int { maxFileSizeBytes ?? 1 << 30 }
}
