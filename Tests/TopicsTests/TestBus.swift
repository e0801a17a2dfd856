import Logging
import NATS
import Synchronization
import TestSupport
import Topics

/// The forms of the bus that one contract holds for.
enum TestBus: String, CaseIterable, Sendable {
    case jetStream, embeddedInFile, embeddedInMemory

    static let lasting: [TestBus] = [.jetStream, .embeddedInFile]

    /// A bus, what it stands on, and how to begin again with what it kept.
    func start(_ streams: [StreamSpec], _ durables: [Durable]) async throws -> RunningBus {
        let running = RunningBus(form: self, streams: streams, durables: durables)
        try await running.begin()
        return running
    }
}

func quietLogger() -> Logger {
    var logger = Logger(label: "tests")
    logger.logLevel = .critical
    return logger
}

/// A bus in use by a test.
actor RunningBus {
    private let form: TestBus
    private let streams: [StreamSpec]
    private let durables: [Durable]
    private let folder = TestFolder.fresh()
    private(set) var server: TestNATS?
    private var client: NATSClient?
    private var embedded: EmbeddedBus?
    private var current: (any Bus)?

    init(form: TestBus, streams: [StreamSpec], durables: [Durable]) {
        self.form = form
        self.streams = streams
        self.durables = durables
    }

    var bus: any Bus {
        get throws {
            guard let current else { throw BusError.unavailable("not started") }
            return current
        }
    }

    func begin() async throws {
        switch form {
        case .jetStream:
            if let server { try await server.start() } else { server = try await TestNATS.start() }
            current = try await another()
        case .embeddedInFile, .embeddedInMemory:
            let path = form == .embeddedInFile ? folder : nil
            embedded = try await EmbeddedBus(storagePath: path, streams: streams, durables: durables, logger: quietLogger())
            current = embedded
        }
    }

    /// The bus as another process sees it.
    func another() async throws -> any Bus {
        guard let server else { return try bus }
        var options = try NATSOptions(addresses: [server.url])
        options.backoff = Backoff(first: .milliseconds(20), longest: .milliseconds(200))
        let client = try NATSClient(options, logger: quietLogger())
        self.client = client
        let bus = try JetStreamBus(client: client, options: .init(prefix: "Test"), logger: quietLogger())
        try await bus.start(streams: streams, durables: durables)
        return bus
    }

    /// Ends the process that the bus lives in, or its server, and begins again.
    func restart() async throws {
        await client?.close()
        // Not killed: what a nats-server has not yet written then is lost, and repaired from the logs (EndToEndTests).
        server?.stop()
        await embedded?.close()
        embedded = nil
        current = nil
        try await begin()
    }

    func end() async {
        await client?.close()
        await embedded?.close()
    }
}

/// What a handler was given, in order.
final class Heard: Sendable {
    private let state = Mutex<[Delivered<[UInt8]>]>([])

    func add(_ delivered: Delivered<[UInt8]>) { state.withLock { $0.append(delivered) } }
    var all: [Delivered<[UInt8]>] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }
}

/// Numbers as a consumer with a cursor sees them: a bus may deliver twice.
func pastCursor(_ heard: Heard, from start: Int64 = 0) -> [Int64] {
    var cursor = start
    return heard.all.compactMap(\.seq).filter { seq in
        defer { cursor = max(cursor, seq) }
        return seq > cursor
    }
}

struct TooLate: Error {}
struct Refused: Error {}

/// Fails the test instead of waiting for ever.
func eventually(_ limit: Duration = .seconds(20), _ isSo: @Sendable () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < end else { throw TooLate() }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Consumes while `body` runs.
func consuming<T: Sendable>(
    _ bus: any Bus, _ durable: Durable, _ handle: @escaping @Sendable (Delivered<[UInt8]>) async throws -> Void,
    while body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await running({ try await bus.consume(bytesOf: durable.topic, as: durable, handle: handle) }, while: body)
}

/// Consumes many messages at a time while `body` runs.
func consumingBatches<T: Sendable>(
    _ bus: any Bus, _ durable: Durable, _ handle: @escaping @Sendable ([Delivered<[UInt8]>]) async throws -> Void,
    while body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await running({ try await bus.consume(bytesOf: durable.topic, as: durable, upTo: 64, handle: handle) }, while: body)
}

private func running<T: Sendable>(
    _ consume: @escaping @Sendable () async throws -> Void, while body: @escaping @Sendable () async throws -> T
) async throws -> T {
    let consumer = Task { try await consume() }
    let result: Result<T, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    consumer.cancel()
    _ = await consumer.result
    return try result.get()
}
