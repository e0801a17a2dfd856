import Foundation
import Setup
import TestSupport

/// All eight components in one process, on SQLite.
public final class TestMonolith: Sendable {
    public let folder: Folder
    public let process: ServerProcess
    public let url: String

    private init(folder: Folder, name: String, configuration: String) throws {
        let port = try Ports.free()
        self.folder = folder
        url = "http://127.0.0.1:\(port)"
        process = ServerProcess(
            name, program: try Command.path("dendrite-monolith-server"),
            ["--config=\(configuration)", "--http-bind-address=127.0.0.1:\(port)"], in: folder)
    }

    /// With new databases.
    public convenience init(logging level: String = "info") async throws {
        let folder = try Folder()
        let keys = try await Command.run("generate-keys", ["--private-key", "matrix_key.pem"], in: folder)
        guard keys.status == 0 else { throw TestFailure(keys.errors) }
        let databases = ComponentName.allCases.compactMap { component -> String? in
            guard component != .clientapi else { return nil }
            let key = component == .userapi ? "bcrypt_cost: 4, account_database" : "database"
            let more = component == .mediaapi ? "base_path: media, " : ""
            return "\(component.section): { \(more)\(key): { connection_string: \"file:\(component).db\" } }"
        }
        try folder.write(
            """
            version: 2
            global:
              server_name: localhost
              jetstream: { storage_path: bus }
            client_api: { registration_disabled: false, rate_limiting: { enabled: false } }
            \(databases.joined(separator: "\n"))
            logging: [{ type: std, level: \(level) }]
            """, to: "dendrite.yaml")
        try self.init(folder: folder, name: "monolith", configuration: "dendrite.yaml")
    }

    /// Another one that is told to use the same files.
    public func twin() throws -> TestMonolith { try TestMonolith(folder: folder, name: "twin", configuration: "dendrite.yaml") }

    public func start() async throws {
        try process.start()
        let client = Client(url: url)
        do {
            try await eventually("the monolith answers", within: .seconds(60)) {
                guard process.isRunning else { throw TestFailure("it ended") }
                return (try? await client.ask(.get, "/health", timeout: .seconds(5)).status) == 200
            }
        } catch {
            throw TestFailure("\(error)\n\(process.log.suffix(2_000))")
        }
    }
}
