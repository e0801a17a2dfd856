import Foundation
import Setup
import TestSupport

/// One process of a component.
public final class Replica: Sendable {
    public let component: ComponentName
    public let process: ServerProcess
    public let internalURL: String
    /// Of what has a public listener.
    public let externalURL: String?

    init(_ component: ComponentName, _ number: Int, in folder: Folder) throws {
        let internalURL = "http://127.0.0.1:\(try Ports.free())"
        let isPublic = [.clientapi, .syncapi, .federationapi, .mediaapi].contains(component)
        let externalURL = isPublic ? "http://127.0.0.1:\(try Ports.free())" : nil
        self.component = component
        self.internalURL = internalURL
        self.externalURL = externalURL
        process = ServerProcess(
            "\(component)-\(number)", program: try Command.path("dendrite-polylith-multi"),
            ["--config=dendrite.yaml", "--internal-listen=\(internalURL)"]
                + (externalURL.map { ["--external-listen=\($0)"] } ?? []) + [component.rawValue],
            in: folder)
    }

    /// What its internal listener says of its health; nil while there is none.
    public var health: Int? {
        get async {
            let client = Client(url: internalURL)
            return try? await client.ask(.get, "/health", timeout: .seconds(5)).status
        }
    }

    public func awaitReady(within limit: Duration = .seconds(60)) async throws {
        try await eventually("\(process.name) is ready", within: limit) { await health == 200 }
        guard let externalURL else { return }
        try await eventually("\(process.name) serves the public", within: limit) {
            (try? await Client(url: externalURL).ask(.get, "/health", timeout: .seconds(5)).status) == 200
        }
    }

    /// When it last took a lease, as its log has it.
    public var lastLease: String {
        String(process.log.split(separator: "\n").last { $0.contains("lease taken") }?.prefix { $0 != " " } ?? "")
    }

    /// Ends it at once, and starts it again.
    public func killAndRestart() async throws {
        try await process.end()
        try process.start()
    }
}
