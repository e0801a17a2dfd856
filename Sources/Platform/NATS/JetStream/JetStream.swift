import Foundation

/// The streams and consumers of a cluster, and acknowledged publishing to them.
public struct JetStream: Sendable {
    public let client: NATSClient
    private let prefix = "$JS.API"
    /// How long an API call may take.
    public var timeout: Duration

    public init(_ client: NATSClient, timeout: Duration = .seconds(5)) {
        self.client = client
        self.timeout = timeout
    }

    // MARK: Streams

    /// Makes a stream; making the same again changes nothing.
    @discardableResult
    public func create(_ stream: StreamConfiguration) async throws -> StreamInfo {
        try await ask("STREAM.CREATE", stream.name, body: stream)
    }

    @discardableResult
    public func update(_ stream: StreamConfiguration) async throws -> StreamInfo {
        try await ask("STREAM.UPDATE", stream.name, body: stream)
    }

    /// What is known of a stream; nil when there is none.
    public func stream(_ name: String) async throws -> StreamInfo? {
        try await orAbsent(.streamNotFound) { try await ask("STREAM.INFO", name, body: Nothing?.none) }
    }

    /// Deletes a stream; false when there is none.
    @discardableResult
    public func deleteStream(_ name: String) async throws -> Bool {
        let done: Done? = try await orAbsent(.streamNotFound) { try await ask("STREAM.DELETE", name, body: Nothing?.none) }
        return done != nil
    }

    /// Empties a stream.
    public func purge(_ name: String) async throws {
        let _: Done = try await ask("STREAM.PURGE", name, body: Nothing?.none)
    }

    // MARK: Consumers

    /// Makes a durable pull consumer; making the same again changes nothing.
    @discardableResult
    public func create(_ consumer: ConsumerConfiguration, on stream: String) async throws -> ConsumerInfo {
        guard Subject.isToken(consumer.durable) else { throw NATSError.invalidSubject(consumer.durable) }
        let body = CreateConsumer(stream: stream, configuration: consumer)
        return try await ask("CONSUMER.DURABLE.CREATE", stream, consumer.durable, body: body)
    }

    /// What is known of a consumer; nil when there is none.
    public func consumer(_ name: String, on stream: String) async throws -> ConsumerInfo? {
        try await orAbsent(.consumerNotFound) { try await ask("CONSUMER.INFO", stream, name, body: Nothing?.none) }
    }

    @discardableResult
    public func deleteConsumer(_ name: String, on stream: String) async throws -> Bool {
        let done: Done? = try await orAbsent(.consumerNotFound) {
            try await ask("CONSUMER.DELETE", stream, name, body: Nothing?.none)
        }
        return done != nil
    }

    /// The names of a stream's consumers.
    public func consumerNames(on stream: String) async throws -> [String] {
        var names: [String] = []
        while true {
            let page: ConsumerNames = try await ask("CONSUMER.NAMES", stream, body: Page(offset: names.count))
            names += page.consumers ?? []
            if page.consumers?.isEmpty ?? true || names.count >= page.total { return names }
        }
    }

    // MARK: The API

    private struct Nothing: Encodable {}
    private struct Done: Decodable { var success: Bool }
    private struct Page: Encodable { var offset: Int }
    private struct ConsumerNames: Decodable {
        var total: Int
        var consumers: [String]?
    }
    private struct CreateConsumer: Encodable {
        var stream: String
        var configuration: ConsumerConfiguration
        enum CodingKeys: String, CodingKey { case stream = "stream_name", configuration = "config" }
    }
    private struct Refusal: Decodable { var error: JetStreamError? }

    private func ask<Body: Encodable, Reply: Decodable>(
        _ operation: String, _ names: String..., body: Body?
    ) async throws -> Reply {
        for name in names where !Subject.isToken(name) { throw NATSError.invalidSubject(name) }
        let payload = try body.map { [UInt8](try JSONEncoder().encode($0)) } ?? []
        let subject = ([prefix, operation] + names).joined(separator: ".")
        let answer = try await client.request(payload, to: subject, timeout: timeout)
        let data = Data(answer.payload)
        if let error = try? JSONDecoder().decode(Refusal.self, from: data).error { throw error }
        do {
            return try JSONDecoder().decode(Reply.self, from: data)
        } catch {
            throw NATSError.protocolViolation("the answer to \(operation) is not what was expected")
        }
    }

    private func orAbsent<T>(_ kind: JetStreamError.Kind, _ body: () async throws -> T) async throws -> T? {
        do {
            return try await body()
        } catch let error as JetStreamError where error.kind == kind {
            return nil
        }
    }
}
