import Foundation

/// A connection string that has been looked at: which database, without its password where it is shown.
public enum DatabaseAddress: Sendable, Hashable {
    /// `file:name.db`
    case sqlite(path: String)
    /// `postgres://…` or `postgresql://…`, as libpq takes it.
    case postgres(String)

    public init?(_ text: String) {
        if text.hasPrefix("file:") {
            var path = text.dropFirst("file:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            if let query = path.firstIndex(of: "?") { path = path[..<query] }
            guard !path.isEmpty else { return nil }
            self = .sqlite(path: String(path))
        } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            guard text.split(separator: "/", omittingEmptySubsequences: false).count >= 4 else { return nil }
            self = .postgres(text)
        } else {
            return nil
        }
    }

    /// The file that an SQLite database is, however its path is written; nil for PostgreSQL.
    var absoluteFile: String? {
        guard case .sqlite(let path) = self else { return nil }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// `text` with the password of a connection string taken out.
    static func redacted(_ text: String) -> String {
        guard let scheme = text.range(of: "://"), let at = text.lastIndex(of: "@"), scheme.upperBound < at,
            let colon = text[scheme.upperBound..<at].firstIndex(of: ":")
        else { return text.replacing(/password=[^&\s]*/, with: "password=***") }
        return text[...colon] + "***" + text[at...].replacing(/password=[^&\s]*/, with: "password=***")
    }
}
