import Logging
import ServiceLifecycle

/// How a server process begins and ends, whatever runs in it.
enum ProcessLife {
    /// Starts logging and says what is odd about the configuration.
    static func begin(_ configuration: Configuration, as process: String) throws -> Logger {
        let logger = try LoggingSetup.start(configuration.logging, process: process)
        for warning in configuration.warnings {
            logger.warning("configuration: \(warning)", metadata: ["file": "\(configuration.file)"])
        }
        return logger
    }

    /// Runs until SIGTERM or SIGINT, then lets what is in flight finish, but not for ever.
    static func run(_ services: [any Service], logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        configuration.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }
}
