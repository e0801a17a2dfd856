/// What every listener answers to whoever watches over it.
public struct MonitorEndpoints: Sendable {
    private let health: @Sendable () async -> [String]
    private let metrics: PrometheusRegistry?
    private let login: BasicLogin?

    /// - Parameters:
    ///   - health: what is wrong, a line for each; nothing when all is well.
    ///   - metrics: absent where metrics are switched off.
    public init(
        metrics: PrometheusRegistry?, login: BasicLogin? = nil, health: @escaping @Sendable () async -> [String] = { [] }
    ) {
        self.health = health
        self.metrics = metrics
        self.login = login
    }

    public var endpoints: [Endpoint] {
        var endpoints: [Endpoint] = [
            .get("/_dendrite/monitor/up", .open) { _ -> Response in .empty },
            .get("/_dendrite/monitor/health", .open) { _ -> Response in try await report() },
            .get("/health", .open) { _ -> Response in try await report() },
        ]
        if let metrics {
            let access: Access = login.map { login in .checked { try login.check($0) } } ?? .open
            endpoints.append(
                .get("/metrics", access) { _ -> Response in
                    .text(metrics.text() + ProcessMetrics.text(), type: "text/plain; version=0.0.4; charset=utf-8")
                })
        }
        return endpoints.map { $0.beforeReady() }
    }

    private func report() async throws -> Response {
        let wrong = await health()
        return try .json(["status": wrong.isEmpty ? "ok" : wrong.joined(separator: "; ")], status: wrong.isEmpty ? 200 : 503)
    }
}
