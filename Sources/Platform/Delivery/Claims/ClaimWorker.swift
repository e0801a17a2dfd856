import Logging
import SQL
import ServiceLifecycle

/// Takes pieces of work as they become due, and works on several at a time.
public final class ClaimWorker: Service {
    /// What became of a piece.
    public enum Outcome: Sendable {
        case done
        case again(after: Duration)
    }

    public struct Options: Sendable {
        public var concurrency = 8
        /// How long a claim outlives its holder. It is renewed while at work.
        public var duration: Duration = .seconds(30)
        /// How often to look where nobody nudges.
        public var pollInterval: Duration = .seconds(1)
        /// The pause after the first failure; it doubles up to the longest.
        public var firstPause: Duration = .seconds(1)
        public var longestPause: Duration = .seconds(3600)
        public init() {}
    }

    private let claims: Claims
    private let database: Database
    private let options: Options
    private let logger: Logger
    private let work: @Sendable (Claim) async throws -> Outcome
    private let nudges: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// - Parameter work: begins its transactions with ``Claims/renew(_:for:in:)``. What it throws is tried again, with
    ///   growing pauses.
    public init(
        claims: Claims, database: Database, options: Options = Options(), logger: Logger,
        work: @escaping @Sendable (Claim) async throws -> Outcome
    ) {
        self.claims = claims
        self.database = database
        self.options = options
        self.logger = logger
        self.work = work
        (nudges, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to do. Never waits.
    public func nudge() { continuation.yield() }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.poll() }
                group.addTask { await self.takeAndWork() }
            }
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            nudge()
            try? await Task.sleep(for: options.pollInterval * Double.random(in: 0.75...1.25))
        }
    }

    private func takeAndWork() async {
        await withDiscardingTaskGroup { group in
            let running = Running()
            for await _ in nudges {
                let free = options.concurrency - running.count
                guard free > 0 else { continue }
                for claim in await take(free) {
                    running.started()
                    group.addTask {
                        await self.perform(claim)
                        running.ended()
                        // There is room for another now.
                        self.nudge()
                    }
                }
            }
        }
    }

    private func take(_ limit: Int) async -> [Claim] {
        do {
            return try await database.transaction { [claims, options] in
                try claims.take(limit: limit, for: options.duration, in: $0)
            }
        } catch is CancellationError {
            return []
        } catch {
            logger.warning("cannot take work", metadata: ["table": "\(claims.table)", "error": "\(error)"])
            return []
        }
    }

    private func perform(_ claim: Claim) async {
        do {
            let outcome = try await whileRenewing(claim) { try await self.work(claim) }
            try await database.transaction { [claims] tx in
                switch outcome {
                case .done: try claims.complete(claim, in: tx)
                case .again(let delay): try claims.release(claim, after: delay, in: tx)
                }
            }
        } catch let error as ClaimLost {
            logger.info("a claim was lost", metadata: ["piece": "\(error.piece)"])
        } catch {
            await putBack(claim, after: error)
        }
    }

    /// Cancelled or failed: others may have it, at once or after a pause. Also when cancelled, in a task of its own, awaited.
    private func putBack(_ claim: Claim, after error: any Error) async {
        let isCancelled = error is CancellationError || Task.isCancelled
        if !isCancelled {
            logger.warning("a piece of work failed", metadata: ["piece": "\(claim.piece)", "error": "\(error)"])
        }
        let doubled = options.firstPause * Double(1 << min(claim.failures, 20))
        let pause = isCancelled ? .zero : min(doubled, options.longestPause) * Double.random(in: 0.75...1.25)
        await Task { [database, claims] in
            try? await database.transaction { try claims.release(claim, after: pause, failed: !isCancelled, in: $0) }
        }.value
    }

    private func whileRenewing<T: Sendable>(_ claim: Claim, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask { [claims, options, database] in
                while true {
                    try await Task.sleep(for: options.duration / 3)
                    try await database.transaction { try claims.renew(claim, for: options.duration, in: $0) }
                }
            }
            defer { group.cancelAll() }
            guard let result = try await group.next(), let result else { throw CancellationError() }
            return result
        }
    }
}
