import Foundation
import Logging

/// Hands each log line to every sink whose level it reaches.
struct SinkLogHandler: LogHandler {
    struct Sink: Sendable {
        var level: Logger.Level
        var json: Bool
        /// Nil: standard error.
        var file: LogFile?
    }

    let label: String
    let sinks: [Sink]
    /// Shared by the loggers of a process.
    let repeated: RepeatedLines
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, sinks: [Sink], repeated: RepeatedLines = RepeatedLines(), metadataProvider: Logger.MetadataProvider?) {
        self.repeated = repeated
        self.label = label
        self.sinks = sinks
        self.metadataProvider = metadataProvider
        logLevel = sinks.map(\.level).min() ?? .info
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date()
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, provided in provided } }
        if let own = event.metadata { all.merge(own) { _, own in own } }
        if let error = event.error { all["error"] = "\(error)" }
        if event.level >= .warning {
            let reason = (all["error"] ?? all["reason"]).map { "\($0)" }
            let line = RepeatedLines.Likeness(level: event.level, label: label, message: "\(event.message)", reason: reason)
            guard let left = repeated.admit(line) else { return }
            if left > 0 { all["repeated"] = "\(left)" }
        }
        let pairs = all.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") }
        for sink in sinks where sink.level <= event.level {
            let line = LogLine.text(
                time: time, level: event.level, label: label, message: "\(event.message)", metadata: pairs, json: sink.json)
            if let file = sink.file {
                file.write(line, at: time)
            } else {
                FileHandle.standardError.write(Data(line.utf8))
            }
        }
    }
}
