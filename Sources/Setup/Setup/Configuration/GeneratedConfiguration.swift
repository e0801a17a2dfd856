import Foundation
import Matrix

/// What `generate-config` prints: a configuration with what a server needs and nothing else, ready to run.
public struct GeneratedConfiguration: Sendable {
    public var server: String
    /// One PostgreSQL database for all, or `file:` and a folder, in which each component has a file; nil: files in the working folder.
    public var database: String?
    public var isPolylith: Bool

    public init(server: String, database: String?, isPolylith: Bool) {
        self.server = server
        self.database = database
        self.isPolylith = isPolylith
    }

    public func text() throws -> String {
        guard ServerName.isValid(server) else {
            throw CommandFailure(
                "--server \(server): this is no server name. Write a domain or an address: example.org, 10.0.0.1:8448.")
        }
        if let database, DatabaseAddress(database) == nil {
            throw CommandFailure("--db \(DatabaseAddress.redacted(database)): \(ValueKind.database.mend).")
        }
        let blocks = [head] + ComponentName.allCases.map(section) + [logging]
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var sharesDatabase: Bool { database.map { !$0.hasPrefix("file:") } ?? false }

    private var head: String {
        var lines = [
            "# Made by generate-config. Every key there is: dendrite-config.yaml.", "version: 2", "", "global:",
            "  server_name: \(quoted(server))", "  private_key: matrix_key.pem",
        ]
        if sharesDatabase, let database { lines += ["  database:", "    connection_string: \(quoted(database))"] }
        lines += ["  jetstream:", isPolylith ? "    addresses: [\"localhost:4222\"]" : "    storage_path: ./jetstream"]
        if isPolylith { lines.append("  internal_api_token: \(quoted(Self.secret()))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ component: ComponentName) -> String {
        var lines: [String] = []
        if isPolylith {
            let url = "http://localhost:\(component.internalPort)"
            lines += ["  internal_api:", "    listen: \(url)", "    connect: \(url)"]
            if let port = component.externalPort { lines += ["  external_api:", "    listen: http://[::]:\(port)"] }
        }
        if component == .clientapi {
            lines += ["  registration_disabled: true", "  registration_shared_secret: \(quoted(Self.secret()))"]
        }
        if !sharesDatabase, let key = component.databaseKey?.split(separator: ".").last {
            lines += ["  \(key):", "    connection_string: \(quoted(file(component)))"]
        }
        if component == .syncapi, isPolylith { lines.append("  real_ip_header: X-Real-IP") }
        if component == .mediaapi { lines.append("  base_path: ./media_store") }
        return lines.isEmpty ? "" : "\(component.section):\n" + lines.joined(separator: "\n") + "\n"
    }

    private var logging: String { "logging:\n  - type: std\n    level: info\n" }

    /// The component's file: `file:data/` with the component's name.
    private func file(_ component: ComponentName) -> String {
        let folder = (database ?? "file:").dropFirst("file:".count)
        let prefix = folder.isEmpty || folder.hasSuffix("/") ? String(folder) : "\(folder)/"
        return "file:\(prefix)\(component.rawValue).db"
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// 32 letters and digits that nobody can guess.
    private static func secret() -> String {
        let characters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return String((0..<32).compactMap { _ in characters.randomElement() })
    }
}
