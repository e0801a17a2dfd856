import CoreMetrics
import Testing

@testable import Web

@Suite struct PrometheusTests {
    @Test func whatIsCountedIsWrittenAsPrometheusReadsIt() {
        let registry = PrometheusRegistry()
        let counter = registry.makeCounter(label: "sent-events", dimensions: [("room", "a\"b\\c\nd")])
        counter.increment(by: 2)
        registry.makeCounter(label: "sent-events", dimensions: [("room", "a\"b\\c\nd")]).increment(by: 1)
        registry.makeMeter(label: "open", dimensions: []).set(1.5)
        let text = registry.text()
        #expect(text.contains("# TYPE sent_events_total counter\nsent_events_total{room=\"a\\\"b\\\\c\\nd\"} 3\n"))
        #expect(text.contains("# TYPE open gauge\nopen 1.5\n"))
    }

    @Test func aTimerIsAHistogramInSeconds() {
        let registry = PrometheusRegistry()
        let timer = registry.makeTimer(label: "request", dimensions: [("path", "/x")])
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(60_000_000_000)
        let text = registry.text()
        #expect(text.contains("request_seconds_bucket{path=\"/x\",le=\"0.001\"} 0\n"))
        #expect(text.contains("request_seconds_bucket{path=\"/x\",le=\"0.0025\"} 1\n"))
        #expect(text.contains("request_seconds_bucket{path=\"/x\",le=\"30\"} 1\n"))
        #expect(text.contains("request_seconds_bucket{path=\"/x\",le=\"+Inf\"} 2\n"))
        #expect(text.contains("request_seconds_count{path=\"/x\"} 2\n"))
    }

    @Test func seriesAreBounded() {
        let registry = PrometheusRegistry()
        for number in 0...PrometheusRegistry.maxSeries {
            registry.makeCounter(label: "c", dimensions: [("n", String(number))]).increment(by: 1)
        }
        #expect(registry.text().split(separator: "\n").count == PrometheusRegistry.maxSeries + 1)
    }
}
