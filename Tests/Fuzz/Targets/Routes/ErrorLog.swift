import Logging
import Synchronization

/// Keeps what is logged as an error, and nothing else: a request that brings one about is not taken as it should be.
final class ErrorLog: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger {
        var logger = Logger(label: "fuzz") { _ in Handler(log: self) }
        logger.logLevel = .error
        return logger
    }

    /// What was logged since the last time.
    func taken() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    private func add(_ line: String) { lines.withLock { if $0.count < 20 { $0.append(line) } } }

    private struct Handler: LogHandler {
        let log: ErrorLog
        var logLevel = Logger.Level.error
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.add("\(event.message) \(event.metadata ?? [:])")
        }
    }
}
