import Foundation
import Logging
import NATS
import ServiceLifecycle
import Topics

/// Makes the bus of a process: JetStream where the configuration names NATS servers, otherwise the built-in one.
struct BusSetup {
    private let configuration: Configuration.JetStream
    private let process: String
    private let logger: Logger

    init(_ configuration: Configuration.JetStream, process: String, logger: Logger) {
        self.configuration = configuration
        self.process = process
        self.logger = logger
    }

    /// Waits for NATS. The service closes the bus when everything that uses it has ended.
    func start() async throws -> (bus: any Bus, closing: any Service) {
        configuration.addresses.isEmpty ? try await embedded() : try await jetStream()
    }

    private func embedded() async throws -> (bus: any Bus, closing: any Service) {
        let bus = try await EmbeddedBus(
            storagePath: configuration.inMemory ? nil : configuration.storagePath, streams: streams, logger: logger)
        return (bus, Closing { await bus.close() })
    }

    private func jetStream() async throws -> (bus: any Bus, closing: any Service) {
        var options = try NATSOptions(addresses: configuration.addresses.map(\.absoluteString), name: process)
        options.tls.verifiesServer = !configuration.disableTLSValidation
        if !configuration.credentialsPath.isEmpty {
            try checkCredentials()
            options.authentication = .credentialsFile(path: configuration.credentialsPath)
        }
        let client = try NATSClient(options, logger: logger)
        let bus = try JetStreamBus(
            client: client, options: .init(prefix: configuration.topicPrefix, inMemory: configuration.inMemory), logger: logger)
        try await bus.start(streams: streams)
        return (bus, Closing { await client.drain() })
    }

    private var streams: [StreamSpec] { StreamSpec.all.map { $0.bounded(by: configuration.maxStreamBytes) } }

    private func checkCredentials() throws {
        let path = configuration.credentialsPath
        do {
            _ = try Credentials(parsing: try String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw CommandFailure("global.jetstream.credentials_path is \(path): these are no NATS credentials (\(error)).")
        }
    }
}

/// Closes something at the end: the first of a group's services, which is stopped last.
private struct Closing: Service {
    let close: @Sendable () async -> Void

    init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}
