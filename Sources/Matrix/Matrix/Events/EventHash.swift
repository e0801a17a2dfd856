import Crypto

/// The hashes of an event, and what is signed of it.
package enum EventHash {
    /// What the event's ID is made of, from room version 3 on.
    /// [Reference hash](https://spec.matrix.org/v1.19/server-server-api/#calculating-the-reference-hash-for-an-event)
    package static func reference(of document: JSONDocument, type: String, version: RoomVersion) -> [UInt8] {
        hash(document, keeping: ReferenceSelections.of(version, type))
    }

    /// What `hashes` says of the unredacted event.
    /// [Content hash](https://spec.matrix.org/v1.19/server-server-api/#calculating-the-content-hash-for-an-event)
    package static func content(of document: JSONDocument) -> [UInt8] {
        hash(document, keeping: .except(["unsigned", "signatures", "hashes"]))
    }

    /// The bytes that a server signs of an event.
    package static func signed(_ document: JSONDocument, type: String, version: RoomVersion) -> [UInt8] {
        text(document, keeping: ReferenceSelections.of(version, type))
    }

    /// The ID that a reference hash makes.
    package static func eventID(hash: [UInt8], version: RoomVersion) -> String {
        "$" + Base64.encode(hash, version.rules.eventIDs == .urlSafeHash ? .urlSafe : .standard)
    }

    private static func text(_ document: JSONDocument, keeping selection: Selection) -> [UInt8] {
        var writer = JSONWriter(capacity: document.bytes.count)
        document.view { $0.writeCanonical(0, keeping: selection, to: &writer) }
        return writer.bytes
    }

    private static func hash(_ document: JSONDocument, keeping selection: Selection) -> [UInt8] {
        Array(SHA256.hash(data: text(document, keeping: selection)))
    }
}

/// A redacted event without `signatures` and `unsigned`, for every version and type.
private enum ReferenceSelections {
    private struct Table: Sendable {
        var byType: [String: Selection]
        var others: Selection
    }

    private static let all: [Table] = RoomVersion.allCases.map { version in
        let selection = { (type: String) in
            RedactionTable.of(version).selection(type: type).without(["signatures", "unsigned"])
        }
        let types = RedactionTable.types
        return Table(byType: Dictionary(uniqueKeysWithValues: types.map { ($0, selection($0)) }), others: selection(""))
    }

    static func of(_ version: RoomVersion, _ type: String) -> Selection {
        let table = all[version.ordinal]
        return table.byType[type] ?? table.others
    }
}

extension JSONObject {
    /// What is signed of an event.
    package func signedPart(type: String, version: RoomVersion) -> JSONObject {
        keeping(ReferenceSelections.of(version, type))
    }
}
