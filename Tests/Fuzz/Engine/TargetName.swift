/// The targets that there are, by the names that one gives them.
public enum TargetName: String, CaseIterable, Sendable {
    case json, canonical, event, nats, configuration, routes

    public func make() async throws -> any FuzzTarget {
        switch self {
        case .json: try JSONTarget()
        case .canonical: try CanonicalTarget()
        case .event: try EventTarget()
        case .nats: NATSTarget()
        case .configuration: try ConfigurationTarget()
        case .routes: try await RoutesTarget()
        }
    }
}
