extension Event {
    /// What a redaction leaves of this event, in its federation format. `unsigned` goes as well.
    package func redactedText() -> [UInt8] {
        guard let document = try? JSONDocument(reading: bytes) else { return bytes }
        var writer = JSONWriter(capacity: bytes.count)
        document.view { $0.writeCanonical(0, keeping: RedactionTable.of(version).selection(type: type), to: &writer) }
        return writer.bytes
    }

    /// The same event, redacted: the ID stays.
    /// [Redactions](https://spec.matrix.org/v1.19/client-server-api/#redactions)
    public func redacted() throws -> Event {
        try Event(parsing: redactedText(), version: version, eventID: eventID)
    }
}
