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

/// A message on its way into a stream.
public struct Publication: Sendable {
    public var payload: [UInt8]
    public var subject: String
    public var headers: Headers
    /// By which the stream knows what it has already.
    public var messageID: String?
    public var expected: ExpectedSequence?

    public init(
        payload: [UInt8], subject: String, headers: Headers = [:], messageID: String? = nil, expected: ExpectedSequence? = nil
    ) {
        self.payload = payload
        self.subject = subject
        self.headers = headers
        self.messageID = messageID
        self.expected = expected
    }

    fileprivate var question: Question {
        var headers = headers
        if let messageID { headers["Nats-Msg-Id"] = messageID }
        switch expected {
        case .lastOfStream(let sequence): headers["Nats-Expected-Last-Sequence"] = String(sequence)
        case .lastOfSubject(let sequence): headers["Nats-Expected-Last-Subject-Sequence"] = String(sequence)
        case nil: break
        }
        return Question(payload: payload, subject: subject, headers: headers)
    }
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
        let publication = Publication(
            payload: payload, subject: subject, headers: headers, messageID: messageID, expected: expected)
        guard let acknowledgement = try await publish([publication], timeout: timeout).first else { throw NATSError.timeout }
        return acknowledgement
    }

    /// Publishes several, one behind the other, and returns once the stream has them all.
    ///
    /// What fails fails all: with IDs, they may all be sent again.
    @discardableResult
    public func publish(_ publications: [Publication], timeout: Duration? = nil) async throws -> [PublishAcknowledgement] {
        let questions = publications.map(\.question), mayRepeat = publications.allSatisfy { $0.messageID != nil }
        let deadline = ContinuousClock.now + (timeout ?? self.timeout)
        while true {
            let left = deadline - .now
            do {
                let answers = try await client.requests(questions, timeout: max(left, .zero))
                return try answers.map { try PublishAcknowledgement(parsing: $0.payload) }
            } catch NATSError.disconnected where mayRepeat && left > .zero {
                continue
            } catch let error as JetStreamError where error.isTemporary && mayRepeat && left > .milliseconds(100) {
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
        if let plain = Self(plain: payload) {
            self = plain
            return
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(payload)) else {
            throw NATSError.protocolViolation("not a publish acknowledgement")
        }
        if let error = answer.error { throw error }
        guard let stream = answer.stream, let sequence = answer.seq else {
            throw NATSError.protocolViolation("not a publish acknowledgement")
        }
        self.init(stream: stream, sequence: sequence, isDuplicate: answer.duplicate ?? false)
    }

    /// Reads what servers answer nearly always, `{"stream":"S","seq":1}`, without a JSON decoder; nil for anything else.
    private init?(plain payload: [UInt8]) {
        let opening = Array(#"{"stream":""#.utf8), middle = Array(#"","seq":"#.utf8)
        guard payload.starts(with: opening) else { return nil }
        let rest = payload.dropFirst(opening.count), name = rest.prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        let tail = rest.dropFirst(name.count)
        guard tail.starts(with: middle) else { return nil }
        let digits = tail.dropFirst(middle.count).prefix { (0x30...0x39).contains($0) }
        guard tail.dropFirst(middle.count + digits.count).elementsEqual([UInt8(ascii: "}")]),
            let sequence = UInt64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        self.init(stream: String(decoding: name, as: UTF8.self), sequence: sequence, isDuplicate: false)
    }
}
