import Synchronization

extension EmbeddedBus {
    /// Keeps messages of a topic that is in memory, all or none.
    func keepInMemory(_ messages: [NewMessage]) throws {
        let (woken, hasDropped) = try state.withLock { state in
            var batch = StoreBatch()
            batch.expiries = state.takeExpiries(inFile: false, now: Self.now)
            do {
                for message in messages where try state.admit(message, evictions: &batch.evictions) { batch.appends.append(message) }
            } catch {
                for message in batch.appends { state.withdraw(message) }
                throw error
            }
            return (take(memory.write(batch), of: batch, &state), !batch.evictions.isEmpty)
        }
        for waiter in woken { waiter.resume() }
        if hasDropped { losses.signal("", ()) }
    }

    /// Puts what was written before its readers; returns those to wake.
    private func take(
        _ result: StoreResult, of batch: StoreBatch, _ state: inout BusState
    ) -> [CheckedContinuation<Void, any Error>] {
        for (topic, bytes) in result.freed { state.topics[topic]?.bytes -= bytes }
        return state.distribute(zip(result.offsets, batch.appends).map { StoredMessage(offset: $0, message: $1) })
    }
}

// The file has one writer at a time, who writes for all who wait: a transaction costs the same for one message as for a hundred.

extension EmbeddedBus {
    private static let maxBatch = 128
    private static let maxWaiting = 10_000

    /// Returns once the message is kept.
    func write(_ message: NewMessage) async throws { try await submit(message) }

    /// Writes the acknowledgements that wait.
    func flush() async throws {
        guard state.withLock({ !$0.unwritten.isEmpty }) else { return }
        try await submit(nil)
    }

    private func submit(_ message: NewMessage?) async throws {
        let id = try state.withLock { state in
            guard state.requests.count < Self.maxWaiting else { throw BusError.unavailable("too many wait to publish") }
            return state.newID()
        }
        let turn = await withCheckedContinuation { (continuation: CheckedContinuation<BusState.Turn, Never>) in
            let leads = state.withLock { state in
                let leads = !state.isWriting
                state.isWriting = true
                state.requests.append(BusState.Request(id: id, message: message, continuation: leads ? nil : continuation))
                return leads
            }
            if leads { continuation.resume(returning: .lead) }
        }
        switch turn {
        case .done(let result): try result.get()
        case .lead: try await lead(id)
        }
    }

    /// Writes for all who wait, ourselves first, and hands the lead on.
    private func lead(_ id: UInt64) async throws {
        let requests = state.withLock { state in
            defer { state.requests.removeFirst(min(Self.maxBatch, state.requests.count)) }
            return Array(state.requests.prefix(Self.maxBatch))
        }
        // Not in our own task: its cancellation is not that of the others we write for.
        let results = await Task { await self.write(requests) }.value
        let next = state.withLock { state -> CheckedContinuation<BusState.Turn, Never>? in
            guard !state.requests.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.requests[0].continuation = nil }
            return state.requests[0].continuation
        }
        next?.resume(returning: .lead)
        for (request, result) in zip(requests, results) { request.continuation?.resume(returning: .done(result)) }
        for (request, result) in zip(requests, results) where request.id == id { try result.get() }
    }

    private func write(_ requests: [BusState.Request]) async -> [Result<Void, any Error>] {
        var results: [Result<Void, any Error>] = requests.map { _ in .success(()) }
        var batch = StoreBatch()
        state.withLock { state in
            (batch.acknowledged, batch.purges) = state.takeAcknowledgements()
            batch.expiries = state.takeExpiries(inFile: true, now: Self.now)
            for (index, request) in requests.enumerated() {
                guard let message = request.message else { continue }
                results[index] = Result {
                    guard try state.admit(message, evictions: &batch.evictions) else { return }
                    batch.appends.append(message)
                }
            }
        }
        guard let file, !batch.isEmpty else { return results }
        do {
            let result = try await file.write(batch)
            let woken = state.withLock { take(result, of: batch, &$0) }
            for waiter in woken { waiter.resume() }
        } catch {
            takeBack(batch)
            // Also those that were known already: what they repeat may be what was not written now.
            results = results.map { result in result.flatMap { .failure(BusError.unavailable("\(error)")) } }
        }
        return results
    }

    private func takeBack(_ batch: StoreBatch) {
        state.withLock { state in
            state.unwritten.formUnion(batch.acknowledged.keys)
            for message in batch.appends { state.withdraw(message) }
        }
    }
}
