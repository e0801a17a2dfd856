import ServiceLifecycle

/// One component as a process of its own.
public struct Polylith: Sendable {
    let component: ComponentName
    let configuration: Configuration

    /// The configuration is one loaded for `.polylith(component)`.
    public init(component: ComponentName, configuration: Configuration) {
        self.component = component
        self.configuration = configuration
    }

    public func run() async throws {
        let logger = try ProcessLife.begin(configuration, as: component.rawValue)
        logger.info("starting", metadata: ["server_name": "\(configuration.global.serverName)"])
        try await ProcessLife.run([], logger: logger)
    }
}
