import Metrics
import Web

/// What a process shows to whoever watches over it: metrics when they are switched on, and its health.
struct Observation {
    private let registry: PrometheusRegistry?
    private let login: BasicLogin?

    /// Once a process: all metrics go to one registry.
    init(_ configuration: Configuration.Metrics) {
        registry = configuration.enabled ? PrometheusRegistry() : nil
        login =
            configuration.username.isEmpty && configuration.password.isEmpty
            ? nil
            : BasicLogin(username: configuration.username, password: configuration.password)
        if let registry { MetricsSystem.bootstrap(registry) }
    }

    /// For every listener. `health` says what is wrong, a line each.
    func endpoints(health: @escaping @Sendable () async -> [String] = { [] }) -> [Endpoint] {
        MonitorEndpoints(metrics: registry, login: login, health: health).endpoints
    }
}
