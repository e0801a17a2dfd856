import Matrix
import Synchronization

/// Whether a process can serve. Internal listeners open before it can, so that others see it coming.
public final class Readiness: Sendable {
    private let flag = Atomic(false)

    public init() {}

    public var isReady: Bool { flag.load(ordering: .acquiring) }

    public func ready() { flag.store(true, ordering: .releasing) }

    /// The header that tells another component's link that the call was not begun, and may be put to another replica.
    public static let notReadyHeader = "X-Not-Ready"

    static let notYet: Response = {
        var response = Response.error(.unavailable("The server is starting"))
        response.headers[notReadyHeader] = "1"
        return response
    }()
}
