import Logging
import ServiceLifecycle
import UnixSignals

/// How a server process begins and ends, whatever runs in it.
enum ProcessLife {
    /// Takes what the system gives, starts logging, and says what is odd about the configuration.
    static func begin(_ configuration: Configuration, as process: String) throws -> Logger {
        ProcessLimits.raise()
        let logger = try LoggingSetup.start(configuration.logging, process: process)
        if ProcessLimits.openFiles < 4096 {
            logger.warning(
                "few files can be open at once: raise the limit (ulimit -Hn, LimitNOFILE)",
                metadata: ["limit": "\(ProcessLimits.openFiles)"])
        }
        for warning in configuration.warnings {
            logger.warning("configuration: \(warning)", metadata: ["file": "\(configuration.file)"])
        }
        return logger
    }

    /// Runs until SIGTERM or SIGINT, then lets what is in flight finish, but not for ever.
    static func run(_ services: [any Service], logger: Logger) async throws {
        try await group(services, signals: [.sigterm, .sigint], logger: logger).run()
    }

    /// Services that end together, the last first.
    static func group(_ services: [any Service], signals: [UnixSignal] = [], logger: Logger) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            // Named by their types alone: what they hold is not for the log.
            services: services.map { .init(service: Dutiful(service: $0), serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        configuration.maximumCancellationDuration = .seconds(5)
        return ServiceGroup(configuration: configuration)
    }
}

/// A service that ends as it is told to: that it was cancelled by a graceful shutdown is no failure.
private struct Dutiful: Service {
    let service: any Service

    func run() async throws {
        do { try await service.run() } catch is CancellationError where Task.isShuttingDownGracefully {}
    }
}
