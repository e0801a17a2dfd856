extension Event {
    /// The event as clients see it, with the content's own bytes. `unsigned` is what the server has to say, instead of what
    /// came with the event. `redacts` stands at the top and in the content, in every room version.
    /// [Client event format](https://spec.matrix.org/v1.19/client-server-api/#room-event-format)
    public func clientJSON(includeRoomID: Bool = true, unsigned: JSONObject? = nil) -> RawJSON {
        var writer = JSONWriter(capacity: fields.contentRange.count + 384)
        writer.literal("{\"content\":")
        writeClientContent(to: &writer)
        writer.literal(",\"event_id\":")
        writer.string(eventID)
        writer.literal(",\"origin_server_ts\":")
        writer.integer(originServerTS)
        if let redacts, type == "m.room.redaction" {
            writer.literal(",\"redacts\":")
            writer.string(redacts)
        }
        if includeRoomID {
            writer.literal(",\"room_id\":")
            writer.string(roomID)
        }
        writer.literal(",\"sender\":")
        writer.string(sender)
        if let stateKey {
            writer.literal(",\"state_key\":")
            writer.string(stateKey)
        }
        writer.literal(",\"type\":")
        writer.string(type)
        if let unsigned, !unsigned.isEmpty {
            writer.literal(",\"unsigned\":")
            writer.object(unsigned)
        }
        writer.byte("}")
        return RawJSON(trusted: writer.bytes)
    }

    /// A state event as those outside the room see it: only content, sender, state key and type.
    /// [Stripped state](https://spec.matrix.org/v1.19/client-server-api/#stripped-state)
    public func strippedJSON() -> RawJSON {
        var writer = JSONWriter(capacity: fields.contentRange.count + 192)
        writer.literal("{\"content\":")
        writeClientContent(to: &writer)
        writer.literal(",\"sender\":")
        writer.string(sender)
        writer.literal(",\"state_key\":")
        writer.string(stateKey ?? "")
        writer.literal(",\"type\":")
        writer.string(type)
        writer.byte("}")
        return RawJSON(trusted: writer.bytes)
    }

    /// The content's own bytes.
    public var contentJSON: RawJSON { RawJSON(trusted: Array(bytes[fields.contentRange])) }

    private func writeClientContent(to writer: inout JSONWriter) {
        if let redacts, type == "m.room.redaction", !version.rules.redactsInContent {
            var content = content
            content["redacts"] = .string(redacts)
            writer.object(content)
        } else {
            writer.bytes.append(contentsOf: bytes[fields.contentRange])
        }
    }
}
