import SQL

/// What the dead left unpublished, and what is old enough to be deleted.
extension OutboxPublisher {
    /// Looks for keys whose last number lies above their mark: once at all of them, then at what is new, and now and then at
    /// all of them again.
    func sweep() async {
        var from: Int64?
        var rounds = 0
        while !Task.isCancelled {
            retryFailed()
            do {
                // A transaction may commit long after it wrote its time: seldom more than seconds, never more than minutes.
                from = try await sweepOnce(from: rounds % 300 == 0 ? nil : from, overlap: rounds % 30 == 0 ? 120_000 : 10_000)
                rounds += 1
            } catch is CancellationError {
                return
            } catch {
                logger.warning("cannot sweep the outbox", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: options.sweepInterval * Double.random(in: 0.75...1.25))
        }
    }

    /// Nudges what is untold of what was written since then, and `overlap` milliseconds before that, or ever. Returns from when
    /// on the next sweep looks.
    private func sweepOnce(from: Int64?, overlap: Int64) async throws -> Int64? {
        let limit = 1000
        let patience = options.patience
        let (keys, now) = try await database.read { [outbox] tx in
            let now = try tx.now
            guard let from else { return (try outbox.untold(limit: limit, in: tx), now) }
            let to = now - patience.milliseconds
            return (try outbox.untold(writtenFrom: from - overlap, to: to, limit: limit, in: tx), now)
        }
        for key in keys { nudge(key) }
        return keys.isEmpty ? now - patience.milliseconds : from
    }

    func prune() async {
        let limit = 500, retention = options.retention
        while !Task.isCancelled {
            // Not at once: replicas that start together would do it together.
            try? await Task.sleep(for: .seconds(Double.random(in: 300...900)))
            do {
                var deleted = limit
                while deleted == limit {
                    deleted = try await database.transaction { [outbox] tx in
                        try outbox.prune(writtenBefore: tx.now - retention.milliseconds, limit: limit, in: tx)
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("cannot prune the outbox", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
