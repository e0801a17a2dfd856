import ServiceLifecycle

/// All eight components in one process.
public struct Monolith: Sendable {
    let configuration: Configuration
    let listeners: Listeners

    public init(configuration: Configuration, listeners: Listeners) {
        self.configuration = configuration
        self.listeners = listeners
    }

    public func run() async throws {
        let logger = try ProcessLife.begin(configuration, as: "monolith")
        logger.info("starting", metadata: ["server_name": "\(configuration.global.serverName)"])
        try await ProcessLife.run([], logger: logger)
    }
}
