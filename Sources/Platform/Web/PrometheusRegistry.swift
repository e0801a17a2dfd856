public import CoreMetrics
import Synchronization

/// Keeps what swift-metrics is told, and writes it as Prometheus reads it.
/// [Exposition format](https://prometheus.io/docs/instrumenting/exposition_formats/)
///
/// At most ``maxSeries`` series are kept; what would be more is counted nowhere.
public final class PrometheusRegistry: MetricsFactory {
    public static let maxSeries = 20_000

    /// A series' name and labels, in the form in which they are written.
    private struct Key: Hashable {
        let name: String
        let labels: String
    }
    private let series = Mutex<[Key: any Series]>([:])

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(named(label, "_total"), dimensions) { Tally() } ?? NOOPMetricsHandler.instance
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        make(named(label, "_total"), dimensions) { Tally() } ?? NOOPMetricsHandler.instance
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(named(label, ""), dimensions) { Gauge() } ?? NOOPMetricsHandler.instance
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return make(named(label, ""), dimensions) { Gauge() } ?? NOOPMetricsHandler.instance }
        return make(named(label, ""), dimensions) { Histogram(bounds: Histogram.counts) } ?? NOOPMetricsHandler.instance
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(named(label, "_seconds"), dimensions) { Histogram(bounds: Histogram.seconds) } ?? NOOPMetricsHandler.instance
    }

    // Series live as long as the process: a counter that comes again goes on where it was.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Everything, by name.
    public func text() -> String {
        let sorted = series.withLock { $0.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) } }
        var text = ""
        var name: String?
        for (key, series) in sorted {
            if key.name != name { text += "# TYPE \(key.name) \(series.kind)\n" }
            name = key.name
            for line in series.lines() {
                let labels = [key.labels, line.label].filter { !$0.isEmpty }.joined(separator: ",")
                text += key.name + line.suffix + (labels.isEmpty ? "" : "{\(labels)}") + " \(line.value)\n"
            }
        }
        return text
    }

    /// The series with this name and these labels, new or old; nothing when there are too many, or it is of another kind.
    private func make<S: Series>(_ name: String, _ dimensions: [(String, String)], _ new: () -> S) -> S? {
        let labels = dimensions.map { "\(legal($0.0))=\"\(escaped($0.1))\"" }.joined(separator: ",")
        return series.withLock { series in
            let key = Key(name: name, labels: labels)
            if let old = series[key] { return old as? S }
            guard series.count < Self.maxSeries else { return nil }
            let made = new()
            series[key] = made
            return made
        }
    }

    private func named(_ label: String, _ suffix: String) -> String {
        let name = legal(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    private func legal(_ name: String) -> String {
        let name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        return name.first?.isNumber ?? true ? "_" + name : name
    }

    private func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\"": escaped += #"\""#
            case "\n": escaped += #"\n"#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
