/// Where an encoder writes. Values are written as they come: a container is closed when one around it is written to.
final class JSONSink {
    private struct Open {
        let id: Int
        let closing: UInt8
        var isEmpty = true
    }

    private var writer = JSONWriter(capacity: 512)
    private var open: [Open] = []
    private var lastID = 0

    func finish() -> [UInt8] {
        close(downTo: 0)
        return writer.bytes
    }

    func encode<T: Encodable>(_ value: T) throws {
        let type = T.self
        if type == RawJSON.self, let raw = value as? RawJSON {
            writer.bytes.append(contentsOf: raw.bytes)
        } else if type == JSON.self, let json = value as? JSON {
            writer.value(json)
        } else if type == JSONObject.self, let object = value as? JSONObject {
            writer.object(object)
        } else {
            let (depth, length) = (open.count, writer.bytes.count)
            try value.encode(to: JSONValueEncoder(sink: self))
            close(downTo: depth)
            // Whoever encodes nothing is an empty object.
            if writer.bytes.count == length { writer.literal("{}") }
        }
    }

    func write(_ body: (inout JSONWriter) -> Void) { body(&writer) }

    /// Begins an array or object; the result names it in `separate`.
    func begin(isObject: Bool) -> Int {
        lastID += 1
        writer.bytes.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        open.append(Open(id: lastID, closing: isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")))
        return lastID
    }

    /// Makes ready for the next value in a container.
    func separate(_ id: Int, depth: Int, key: String? = nil) throws {
        guard depth <= open.count, depth > 0, open[depth - 1].id == id else {
            let reason = "a container was written to after one around it"
            throw EncodingError.invalidValue(key ?? "element", .init(codingPath: [], debugDescription: reason))
        }
        close(downTo: depth)
        if !open[depth - 1].isEmpty { writer.byte(",") }
        open[depth - 1].isEmpty = false
        if let key {
            writer.string(key)
            writer.byte(":")
        }
    }

    var depth: Int { open.count }

    private func close(downTo depth: Int) {
        while open.count > depth, let last = open.popLast() { writer.bytes.append(last.closing) }
    }
}

/// The encoder of one value.
struct JSONValueEncoder: Encoder {
    let sink: JSONSink

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(JSONObjectEncoding<Key>(sink: sink))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { JSONArrayEncoding(sink: sink) }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { sink.write { $0.literal("null") } }
    func encode(_ value: Bool) throws { sink.write { $0.bool(value) } }
    func encode(_ value: String) throws { sink.write { $0.string(value) } }
    func encode(_ value: Double) throws { try encodeFinite(value) }
    func encode(_ value: Float) throws { try encodeFinite(Double(value)) }
    func encode(_ value: Int) throws { sink.write { $0.integer(value) } }
    func encode(_ value: Int8) throws { sink.write { $0.integer(value) } }
    func encode(_ value: Int16) throws { sink.write { $0.integer(value) } }
    func encode(_ value: Int32) throws { sink.write { $0.integer(value) } }
    func encode(_ value: Int64) throws { sink.write { $0.integer(value) } }
    func encode(_ value: UInt) throws { sink.write { $0.integer(value) } }
    func encode(_ value: UInt8) throws { sink.write { $0.integer(value) } }
    func encode(_ value: UInt16) throws { sink.write { $0.integer(value) } }
    func encode(_ value: UInt32) throws { sink.write { $0.integer(value) } }
    func encode(_ value: UInt64) throws { sink.write { $0.integer(value) } }
    func encode<T: Encodable>(_ value: T) throws { try sink.encode(value) }

    private func encodeFinite(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "JSON has no such number"))
        }
        sink.write { $0.double(value) }
    }
}
