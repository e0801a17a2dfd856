import Logging
import Web

/// Starts logging as the configuration says. Once a process.
enum LoggingSetup {
    /// `process` names the file in a folder of logs: `monolith`, or the component.
    static func start(_ sinks: [Configuration.LogSink], process: String) throws -> Logger {
        let opened = try sinks.map { sink in
            let file: LogFile? =
                switch sink.target {
                case .standardError: nil
                case .folder(let folder): try LogFile(folder: folder, name: process)
                }
            return SinkLogHandler.Sink(level: level(sink.level), json: sink.json, file: file)
        }
        let repeated = RepeatedLines()
        LoggingSystem.bootstrap(
            { label, provider in
                SinkLogHandler(label: label, sinks: opened, repeated: repeated, metadataProvider: provider)
            },
            metadataProvider: RequestID.metadataProvider)
        return Logger(label: process)
    }

    private static func level(_ name: String) -> Logger.Level {
        switch name {
        case "trace": .trace
        case "debug": .debug
        case "warn", "warning": .warning
        case "error": .error
        case "fatal", "panic": .critical
        default: .info
        }
    }
}
