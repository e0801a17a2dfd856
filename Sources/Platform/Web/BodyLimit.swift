/// How much body an endpoint takes, and whether it comes whole or as it arrives.
public enum BodyLimit: Sendable, Hashable {
    /// Collected into ``Request/body`` before the handler runs; more is refused with `M_TOO_LARGE`.
    case collected(Int)
    /// Read by the handler from ``Request/bodyStream``, which throws `M_TOO_LARGE` beyond the limit.
    case stream(Int)

    /// What JSON bodies may be unless the route says otherwise: 1 MiB.
    public static let json = BodyLimit.collected(1 << 20)
    /// For requests that have no body worth reading: 64 KiB.
    public static let small = BodyLimit.collected(1 << 16)

    public var bytes: Int {
        switch self {
        case .collected(let bytes), .stream(let bytes): bytes
        }
    }
}
