import Logging
import Synchronization

/// Says that a database is away, and that it is there again: once each, however many ask of it meanwhile, and a few times
/// a minute at most where it comes and goes. Reading may go on while writing cannot (a full disk, a database that is read-only).
final class Outage: Sendable {
    private let read: Course
    private let write: Course
    private let database: String
    private let logger: Logger

    init(database: String, logger: Logger, pause: Duration = .seconds(60)) {
        read = Course(what: "read", database: database, logger: logger, pause: pause)
        write = Course(what: "written", database: database, logger: logger, pause: pause)
        (self.database, self.logger) = (database, logger)
    }

    /// Runs something, and takes note of what becomes of it.
    func watching<T>(_ mode: TransactionMode, _ body: () async throws -> T) async throws -> T {
        let course = switch mode {
        case .read, .query: read
        case .write: write
        }
        do {
            let value = try await body()
            course.succeeded()
            return value
        } catch let error as DatabaseUnavailable {
            if error.outcomeUnknown {
                // One connection broke; whether more is amiss, the next to ask will find.
                logger.warning("a commit was broken off", metadata: ["database": "\(database)", "reason": "\(error.reason)"])
            } else {
                course.failed(error)
            }
            throw error
        }
    }
}

/// Whether one of the two can be done with a database, and what was said of it.
private final class Course: Sendable {
    private struct State {
        var isSaid = false
        /// The reasons that were said, and since when.
        var reasons: Set<String> = []
        var since: ContinuousClock.Instant?
    }

    private static let mostReasons = 5
    private let what: String
    private let database: String
    private let logger: Logger
    private let pause: Duration
    private let fails = Atomic(false)
    private let state = Mutex(State())

    init(what: String, database: String, logger: Logger, pause: Duration) {
        self.what = what
        self.database = database
        self.logger = logger
        self.pause = pause
    }

    func succeeded() {
        guard fails.load(ordering: .relaxed) else { return }
        let wasSaid = state.withLock { state in
            fails.store(false, ordering: .relaxed)
            defer { state.isSaid = false }
            return state.isSaid
        }
        if wasSaid { logger.notice("the database can be \(what) again", metadata: ["database": "\(database)"]) }
    }

    func failed(_ error: DatabaseUnavailable) {
        let now = ContinuousClock.now
        let says = state.withLock { state in
            fails.store(true, ordering: .relaxed)
            let isNew = !state.reasons.contains(error.reason)
            if let since = state.since, now - since < pause {
                guard isNew, state.reasons.count < Self.mostReasons else { return false }
            } else {
                guard isNew || !state.isSaid else { return false }
                state.since = now
                state.reasons = []
            }
            state.reasons.insert(error.reason)
            state.isSaid = true
            return true
        }
        guard says else { return }
        logger.error(
            "the database cannot be \(what)", metadata: ["database": "\(database)", "reason": "\(error.reason)"])
    }
}
