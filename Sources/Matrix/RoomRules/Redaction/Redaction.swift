import Matrix

/// What the [redaction algorithm](https://spec.matrix.org/v1.19/client-server-api/#redactions) of the event's room version
/// leaves of it. The event ID stays, and so do hashes and signatures.
public func redacted(_ event: Event) throws -> Event { try event.redacted() }
