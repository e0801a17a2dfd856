import Delivery
import Logging
import Matrix
import SQL
import Topics
import Web

/// Tries to apply a message for as long as that may help, and sets it aside where it does not: so that nobody else waits
/// behind what can never be applied.
struct Patience: Sendable {
    let setAside: SetAside
    let database: Database
    let logger: Logger
    /// Between attempts that failed for the message's own sake.
    var pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(2)]

    /// The error that every attempt met; nil where one came through. What says nothing against the message (the database
    /// is away, the lease is lost, a newer release sent it) is thrown, for the bus to deliver it again.
    func attempt(_ apply: () async throws -> Void) async throws -> (any Error)? {
        var pauses = pauses[...]
        while true {
            do {
                try await apply()
                return nil
            } catch {
                if Self.maySucceedLater(error) { throw error }
                guard let pause = pauses.popFirst() else { return error }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Keeps a message that could not be applied, with what must happen along with that.
    func giveUp(_ entry: SetAside.Entry, also: @escaping @Sendable (Transaction) throws -> Void = { _ in }) async throws {
        try await database.transaction { [setAside] tx in
            try also(tx)
            try setAside.keep(entry, in: tx)
        }
        setAside.count(topic: entry.topic)
        logger.error(
            "a message was set aside",
            metadata: ["topic": "\(entry.topic)", "key": "\(entry.key)", "id": "\(entry.id)", "error": "\(entry.error)"])
    }

    /// Whether an error says nothing against the message.
    static func maySucceedLater(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError, is DatabaseUnavailable, is LeaseLost, is BusError, is UnknownKind: true
        // Serialization failures and deadlocks, after having been tried again.
        case DatabaseError.failed(let code, _, _): code.hasPrefix("40")
        case let error as MatrixError: (502...504).contains(error.status) || error.status == 429
        default: false
        }
    }
}

extension Bus {
    /// Consumes a topic whose messages have no log: what cannot be read or applied is set aside.
    public func consume<M>(
        _ topic: Topic<M>, as durable: Durable, settingAside setAside: SetAside, database: Database, logger: Logger,
        handle: @escaping @Sendable (Delivered<M>) async throws -> Void
    ) async throws {
        let patience = Patience(setAside: setAside, database: database, logger: logger)
        try await consume(bytesOf: topic.name, as: durable) { delivered in
            try await RequestID.$current.withValue(delivered.requestID) {
                let failure = try await patience.attempt {
                    let message = try JSONCoder.decode(M.self, from: delivered.message)
                    try await handle(
                        Delivered(
                            message: message, key: delivered.key, seq: delivered.seq, id: delivered.id,
                            requestID: delivered.requestID, redeliveries: delivered.redeliveries))
                }
                guard let failure else { return }
                try await patience.giveUp(
                    SetAside.Entry(
                        topic: topic.name, key: delivered.key, id: delivered.id, error: "\(failure)",
                        message: delivered.message))
            }
        }
    }
}
