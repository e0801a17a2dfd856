import Logging
import Matrix
import ServiceLifecycle
import Synchronization
import Topics
import Web

/// Knows who is behind an access token, and for a few seconds without asking the userapi again.
///
/// A device that is logged out is told of by a signal, which may be lost: hence no entry is believed for long.
public final class AccessTokens: Authenticator, Service {
    private let users: any UserAPI
    private let bus: any Bus
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<TokenCache>
    private let asking = SharedCalls<String, Caller>()

    /// Tokens of ours are far shorter; what is longer is not worth a call.
    private static let longestToken = 512

    public init(
        users: any UserAPI, bus: any Bus, capacity: Int = 50_000, believedFor age: Duration = .seconds(5),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.users = users
        self.bus = bus
        self.now = now
        state = Mutex(TokenCache(capacity: capacity, age: age))
    }

    public func caller(for token: String, request: Request) async throws -> Caller {
        guard token.utf8.count <= Self.longestToken else { throw MatrixError.unknownToken() }
        let (known, generation) = state.withLock { ($0.caller(of: token, at: now()), $0.generation) }
        if let known { return try known.admitted(to: request) }
        let caller = try await asking.value(for: token) { [self] in
            let asked = now()
            let owner = try await users.call(
                QueryAccessToken(
                    token: token, ipAddress: request.remoteAddress, userAgent: request.headers["User-Agent"].map { String($0.prefix(512)) }))
            let caller = Caller(
                userID: owner.userID, deviceID: owner.deviceID, isGuest: owner.kind == .guest, isAdmin: owner.isAdmin,
                isSuspended: owner.isSuspended ?? false, isLocked: owner.isLocked ?? false)
            state.withLock { $0.insert(caller, of: token, at: asked, ifStill: generation) }
            return caller
        }
        return try caller.admitted(to: request)
    }

    /// Listens for devices that are logged out.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            for await bytes in bus.signals(Signals.devicesGone) {
                if let gone = try? JSONCoder.decode(DevicesGone.self, from: bytes) { drop(gone) }
            }
        }
    }

    func drop(_ gone: DevicesGone) { state.withLock { $0.drop(gone) } }
}

extension Caller {
    /// Whose account is locked may log out, and nothing more.
    /// [Account locking](https://spec.matrix.org/v1.19/client-server-api/#account-locking)
    fileprivate func admitted(to request: Request) throws -> Caller {
        guard !isLocked || request.path.hasSuffix("/logout") || request.path.hasSuffix("/logout/all") else {
            throw MatrixError.userLocked()
        }
        return self
    }
}
