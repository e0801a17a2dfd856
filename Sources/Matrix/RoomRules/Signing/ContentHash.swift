import Crypto
import Matrix

/// The hash over a whole event, which tells whether something was changed or cut out on the way.
/// [Content hash](https://spec.matrix.org/v1.19/server-server-api/#calculating-the-content-hash-for-an-event)
public enum ContentHash {
    static func of(_ event: JSONObject) -> [UInt8] {
        Array(SHA256.hash(data: event.keeping(.except(["unsigned", "signatures", "hashes"])).serialized()))
    }

    /// Whether the event is what its `hashes` say.
    public static func isValid(_ event: Event) -> Bool {
        guard let document = try? JSONDocument(reading: event.bytes),
            let stated = document.member("hashes")?.object?["sha256"]?.string, let hash = Base64.decode(stated)
        else { return false }
        return hash == EventHash.content(of: document)
    }

    /// The event, or, where the hash does not fit, what a redaction leaves: nothing else of it can be believed.
    /// [Validating hashes](https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events)
    public static func checked(_ event: Event) throws -> Event {
        isValid(event) ? event : try event.redacted()
    }
}

extension Event {
    /// The hash that room versions 1 and 2 put beside an event's ID, and later ones make the ID of; in unpadded base64.
    public var referenceHash: String {
        guard let document = try? JSONDocument(reading: bytes) else { return "" }
        return Base64.encode(EventHash.reference(of: document, type: type, version: version))
    }
}
