import Matrix
import PushRules

/// Puts stored events into the client-server format, for one device.
struct EventRendering: Sendable {
    var userID: String
    var deviceID: String?
    /// Milliseconds since 1970, for `age`.
    var now: Int64
    var includeRoomID: Bool
    /// The paths to keep of each event; nil: all.
    var fields: [PropertyPath]?
    /// Whether events are wanted as they came by federation.
    var isFederationFormat = false
    /// What is told in `m.relations`, by event.
    var bundles: [String: [UInt8]] = [:]

    /// - Parameter membership: the user's at the time of the event, where it is known.
    func callAsFunction(_ stored: StoredEvent, membership: String? = nil) throws -> RawJSON {
        if isFederationFormat { return selected(try federated(stored)) }
        return self(try ClientEvent(stored), of: stored, membership: membership)
    }

    /// The same, of an event that is in the client-server format already.
    func callAsFunction(_ event: ClientEvent, of stored: StoredEvent, membership: String? = nil) -> RawJSON {
        var writer = JSONWriter(capacity: stored.pdu.count + (stored.prevContent?.count ?? 0) + 128)
        event.append(to: &writer, roomID: includeRoomID ? stored.roomID : nil, now: now) { writer in
            if let content = stored.prevContent {
                writer.literal(",\"prev_content\":")
                writer.bytes.append(contentsOf: content)
            }
            if let replaces = stored.replacesID {
                writer.literal(",\"replaces_state\":")
                writer.string(replaces)
            }
            if let because = stored.redactedBecause {
                writer.literal(",\"redacted_because\":")
                writer.bytes.append(contentsOf: because)
                // Not specified, and told by Dendrite and Synapse.
                if let redaction = RawJSON(trusted: because).object?["event_id"]?.string {
                    writer.literal(",\"redacted_by\":")
                    writer.string(redaction)
                }
            }
            if let transaction = stored.transaction, transaction.userID == userID, transaction.deviceID == deviceID {
                writer.literal(",\"transaction_id\":")
                writer.string(transaction.transactionID)
            }
            if let bundle = bundles[stored.eventID] {
                writer.literal(",\"m.relations\":")
                writer.bytes.append(contentsOf: bundle)
            }
            if let membership {
                writer.literal(",\"membership\":")
                writer.string(membership)
            }
        }
        return selected(RawJSON(trusted: writer.bytes))
    }

    /// As it came, with its ID, which most room versions do not write down, and its room.
    private func federated(_ stored: StoredEvent) throws -> RawJSON {
        guard var event = try JSON(parsing: stored.pdu).object else { return RawJSON([:]) }
        event["event_id"] = .string(stored.eventID)
        event["room_id"] = .string(stored.roomID)
        return RawJSON(event)
    }

    private func selected(_ rendered: RawJSON) -> RawJSON {
        guard let fields, let object = rendered.object else { return rendered }
        return RawJSON(.object(keeping(fields, of: object)))
    }

    private func keeping(_ paths: [PropertyPath], of event: JSONObject) -> JSONObject {
        var kept: JSONObject = [:]
        for path in paths { copy(path.names[...], from: event, to: &kept) }
        return kept
    }

    private func copy(_ path: ArraySlice<String>, from source: JSONObject, to target: inout JSONObject) {
        guard let key = path.first, let value = source[key] else { return }
        if path.count == 1 {
            target[key] = value
        } else if let inner = value.object {
            var copied = target[key]?.object ?? [:]
            copy(path.dropFirst(), from: inner, to: &copied)
            if !copied.isEmpty { target[key] = .object(copied) }
        }
    }
}

extension EventRendering {
    /// As the answer to a `/sync` has them.
    init(_ request: SyncRequest, now: Int64) {
        self.init(
            userID: request.userID, deviceID: request.deviceID, now: now, includeRoomID: request.includesRoomID,
            fields: request.filter.eventFields?.map(PropertyPath.init),
            isFederationFormat: request.filter.eventFormat == .federation)
    }
}

extension ClientEvent {
    init(_ stored: StoredEvent) throws {
        guard let version = RoomVersion(rawValue: stored.roomVersion) else {
            throw MatrixError.unknown("unknown room version \(stored.roomVersion)")
        }
        try self.init(pdu: stored.pdu, version: version, eventID: stored.eventID)
    }
}
