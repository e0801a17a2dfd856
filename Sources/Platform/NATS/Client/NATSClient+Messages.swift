import NIOCore
import Synchronization

// What a client is used for: publish, subscribe, ask, flush.

extension NATSClient {
    /// Hands a message to the outgoing buffer. It may be lost with the connection: ask, or use JetStream, to be sure.
    public func publish(_ payload: [UInt8], to subject: String, reply: String? = nil, headers: Headers = [:]) throws {
        try Subject.checkPublishable(subject)
        if let reply { try Subject.checkPublishable(reply) }
        try headers.check()
        let isNeeded = try state.withLock { state in
            send(try state.machine.publish(subject: subject, reply: reply, headers: headers, payload: payload), in: &state)
        }
        scheduleFlush(isNeeded)
    }

    /// Listens to a subject, which may have wildcards, from now on, over every reconnection.
    public func subscribe(
        _ subject: String, queue: String? = nil, bounds: Subscription.Bounds = Subscription.Bounds()
    ) throws -> Subscription {
        try Subject.checkSubscribable(subject)
        if let queue, !Subject.isToken(queue) { throw NATSError.invalidSubject(queue) }
        let (subscription, isNeeded) = try state.withLock { state in
            let sid = state.newID()
            let actions = try state.machine.subscribe(sid: sid, subject: subject, queue: queue)
            let subscription = Subscription(sid: sid, subject: subject, bounds: bounds, deadlines: deadlines)
            state.subscriptions[sid] = subscription
            return (subscription, send(actions, in: &state))
        }
        scheduleFlush(isNeeded)
        return subscription
    }

    /// Ends a subscription; what it has received can still be read.
    public func unsubscribe(_ subscription: Subscription) {
        scheduleFlush(forget(subscription))
        subscription.close()
    }

    /// Ends a subscription and returns what came before the server knew of it, unread.
    func drain(_ subscription: Subscription) async -> [NATSMessage] {
        let isNeeded = state.withLock { state in send(state.machine.unsubscribe(sid: subscription.sid), in: &state) }
        scheduleFlush(isNeeded)
        try? await flush(timeout: .seconds(1), isCancellable: false)
        _ = forget(subscription)
        let rest = subscription.takeAll()
        subscription.close()
        return rest
    }

    private func forget(_ subscription: Subscription) -> Bool {
        state.withLock { state in
            state.subscriptions[subscription.sid] = nil
            return send(state.machine.unsubscribe(sid: subscription.sid), in: &state)
        }
    }

    /// A subject that only we listen to, below which every request has its own.
    public func newInbox() -> String { inboxPrefix + "s" + String(state.withLock { $0.newID() }) }

    /// Asks, and waits for one answer.
    public func request(
        _ payload: [UInt8], to subject: String, headers: Headers = [:], timeout: Duration? = nil
    ) async throws -> NATSMessage {
        let answers = try await requests([Question(payload: payload, subject: subject, headers: headers)], timeout: timeout)
        guard let answer = answers.first else { throw NATSError.timeout }
        return answer
    }

    /// Asks several things one behind the other, without waiting between them, and waits for an answer to each.
    ///
    /// Throws the first failure there is; what became of the other questions is not known then.
    public func requests(_ questions: [Question], timeout: Duration? = nil) async throws -> [NATSMessage] {
        for question in questions {
            try Subject.checkPublishable(question.subject)
            try question.headers.check()
        }
        guard !questions.isEmpty else { return [] }
        try Task.checkCancellation()
        try ensureInbox()
        let answers = Answers(count: questions.count)
        let due = NIODeadline.now() + TimeAmount(timeout ?? options.requestTimeout)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answers.wait(continuation)
                let isNeeded = state.withLock { state in
                    if Task.isCancelled {
                        answers.end(.failure(CancellationError()))
                        return false
                    }
                    return ask(questions, answers, due: due, in: &state)
                }
                scheduleFlush(isNeeded)
            }
        } onCancel: {
            forget(answers, because: CancellationError())
        }
    }

    private func ask(_ questions: [Question], _ answers: Answers, due: NIODeadline, in state: inout State) -> Bool {
        var isNeeded = false
        do {
            for (index, question) in questions.enumerated() {
                let id = state.newID()
                let actions = try state.machine.publish(
                    subject: question.subject, reply: "\(inboxPrefix)r.\(id)", headers: question.headers,
                    payload: question.payload)
                state.requests[id] = PendingRequest(epoch: state.machine.sendingEpoch, answers: answers, index: index)
                answers.ids.append(id)
                isNeeded = send(actions, in: &state) || isNeeded
            }
            answers.deadline = deadlines.add(due) { self.forget(answers, because: NATSError.timeout) }
        } catch {
            for id in answers.ids { state.requests[id] = nil }
            answers.end(.failure(error))
        }
        return isNeeded
    }

    /// Waits until the server has taken all that was published.
    public func flush(timeout: Duration = .seconds(5)) async throws {
        try await flush(timeout: timeout, isCancellable: true)
    }

    func flush(timeout: Duration, isCancellable: Bool) async throws {
        let id = state.withLock { $0.newID() }
        let due = NIODeadline.now() + TimeAmount(timeout)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> Result<Bool, any Error> in
                    if isCancellable, Task.isCancelled { return .failure(CancellationError()) }
                    return Result {
                        let actions = try state.machine.flush(id)
                        state.flushes[id] = PendingFlush(
                            deadline: deadlines.add(due) { self.endFlush(id, .failure(NATSError.timeout)) },
                            continuation: continuation)
                        return send(actions, in: &state)
                    }
                }
                switch outcome {
                case .success(let isNeeded): scheduleFlush(isNeeded)
                case .failure(let error): continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            if isCancellable { endFlush(id, .failure(CancellationError())) }
        }
    }

    private func ensureInbox() throws {
        let isNeeded = try state.withLock { state in
            guard state.inbox == nil else { return false }
            let sid = state.newID()
            let actions = try state.machine.subscribe(sid: sid, subject: "\(inboxPrefix)r.*", queue: nil)
            state.inbox = sid
            return send(actions, in: &state)
        }
        scheduleFlush(isNeeded)
    }

    /// Gives an answer to whoever asked.
    func answered(_ message: NATSMessage) {
        guard let dot = message.subject.utf8.lastIndex(of: UInt8(ascii: ".")),
            let id = UInt64(message.subject[message.subject.utf8.index(after: dot)...])
        else { return }
        guard let request = state.withLock({ $0.requests.removeValue(forKey: id) }) else { return }
        if message.status?.code == 503, message.payload.isEmpty {
            forget(request.answers, because: NATSError.noResponders)
        } else if request.answers.take(message, at: request.index) {
            forget(request.answers, because: nil)
        }
    }

    /// Ends a wait for answers, with what it ends by unless it has them all.
    func forget(_ answers: Answers, because error: (any Error)?) {
        let deadline = state.withLock { state in
            for id in answers.ids { state.requests[id] = nil }
            return answers.deadline
        }
        if let deadline { deadlines.remove(deadline) }
        if let error { answers.end(.failure(error)) }
    }

    func endFlush(_ id: UInt64, _ result: Result<Void, any Error>) {
        guard let flush = state.withLock({ $0.flushes.removeValue(forKey: id) }) else { return }
        deadlines.remove(flush.deadline)
        flush.continuation.resume(with: result)
    }

    /// Waits until `isDone` or until somebody takes the continuation out of `keyPath` and resumes it.
    func wait(
        in keyPath: WritableKeyPath<State, [UInt64: CheckedContinuation<Void, any Error>]> & Sendable,
        until isDone: @Sendable (inout State) throws -> Bool
    ) async throws {
        let id = state.withLock { $0.newID() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> Result<Bool, any Error> in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    return Result {
                        if try isDone(&state) { return true }
                        state[keyPath: keyPath][id] = continuation
                        return false
                    }
                }
                switch outcome {
                case .success(true): continuation.resume()
                case .success(false): break
                case .failure(let error): continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            state.withLock { $0[keyPath: keyPath].removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}
