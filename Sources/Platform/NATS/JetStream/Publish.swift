import Foundation
import NIOCore

/// Proof that a stream has a message.
public struct PublishAcknowledgement: Sendable, Hashable {
    public var stream: String
    public var sequence: UInt64
    /// The stream had a message with this ID already.
    public var isDuplicate: Bool
}

/// What must be true of a stream for a message to be taken.
public enum ExpectedSequence: Sendable, Hashable {
    case lastOfStream(UInt64)
    case lastOfSubject(UInt64)
}

extension JetStream {
    /// Publishes, and returns once the stream has the message.
    ///
    /// With an ID, what was lost on the way is sent again until `timeout`: the stream knows what it has already.
    @discardableResult
    public func publish(
        _ payload: [UInt8], to subject: String, headers: Headers = [:], messageID: String? = nil,
        expecting expected: ExpectedSequence? = nil, timeout: Duration? = nil
    ) async throws -> PublishAcknowledgement {
        var headers = headers
        if let messageID { headers["Nats-Msg-Id"] = messageID }
        switch expected {
        case .lastOfStream(let sequence): headers["Nats-Expected-Last-Sequence"] = String(sequence)
        case .lastOfSubject(let sequence): headers["Nats-Expected-Last-Subject-Sequence"] = String(sequence)
        case nil: break
        }
        let deadline = ContinuousClock.now + (timeout ?? self.timeout)
        while true {
            let left = deadline - .now
            do {
                let answer = try await client.request(payload, to: subject, headers: headers, timeout: max(left, .zero))
                return try PublishAcknowledgement(parsing: answer.payload)
            } catch NATSError.disconnected where messageID != nil && left > .zero {
                continue
            } catch let error as JetStreamError where error.isTemporary && messageID != nil && left > .milliseconds(100) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

extension PublishAcknowledgement {
    private struct Answer: Decodable {
        var stream: String?
        var seq: UInt64?
        var duplicate: Bool?
        var error: JetStreamError?
    }

    init(parsing payload: [UInt8]) throws {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(payload)) else {
            throw NATSError.protocolViolation("not a publish acknowledgement")
        }
        if let error = answer.error { throw error }
        guard let stream = answer.stream, let sequence = answer.seq else {
            throw NATSError.protocolViolation("not a publish acknowledgement")
        }
        self.init(stream: stream, sequence: sequence, isDuplicate: answer.duplicate ?? false)
    }
}
