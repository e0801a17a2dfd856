import CPostgres

/// PostgreSQL's numbers for the types we speak.
enum PostgresType {
    static let boolean: Oid = 16
    static let bytes: Oid = 17
    static let booleanArray: Oid = 1000
    static let bytesArray: Oid = 1001
    static let doubleArray: Oid = 1022
    static let name: Oid = 19
    static let integer: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let double: Oid = 701
    static let unknown: Oid = 705
    static let textArray: Oid = 1009
    static let integerArray: Oid = 1016
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let void: Oid = 2278
}

/// Arguments in PostgreSQL's binary format: every value is bound by its length, none as a C string.
struct PostgresParameters {
    private(set) var types: [Oid] = []
    /// One buffer for all values; a range of nil is NULL.
    private var buffer: [UInt8] = []
    private var ranges: [Range<Int>?] = []

    init(_ arguments: [RenderedSQL.Argument]) throws {
        guard arguments.count <= 65_535 else {
            throw DatabaseError.refusedValue("a statement with more than 65,535 arguments")
        }
        types.reserveCapacity(arguments.count)
        ranges.reserveCapacity(arguments.count)
        for argument in arguments {
            let start = buffer.count
            var isNull = false
            switch argument {
            case .value(let value, let type):
                types.append(Self.oid(of: type))
                isNull = try !append(value)
            case .column(let values, let type):
                types.append(Self.arrayOid(of: type))
                try append(values, type)
            case .list(.integers(let list)):
                types.append(PostgresType.integerArray)
                appendArrayHeader(list.count, of: PostgresType.integer)
                for element in list { append(length: 8); append(element) }
            case .list(.texts(let list)):
                types.append(PostgresType.textArray)
                appendArrayHeader(list.count, of: PostgresType.text)
                for element in list { append(length: element.utf8.count); try append(element) }
            }
            ranges.append(isNull ? nil : start..<buffer.count)
        }
        guard buffer.count < Int(Int32.max) else { throw DatabaseError.refusedValue("more than 2 GiB at once") }
        // A value of no bytes must still point somewhere: a null pointer would be NULL.
        buffer.append(0)
    }

    /// Calls `body` with what libpq's functions take: count, values, lengths, formats.
    func withPointers<R>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) throws -> R
    ) rethrows -> R {
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: ranges.count)
        return try buffer.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = ranges.map { range -> UnsafePointer<CChar>? in range.flatMap { start?.advanced(by: $0.lowerBound) } }
            return try body(Int32(ranges.count), values, lengths, formats)
        }
    }

    private static func oid(of type: SQLType) -> Oid {
        switch type {
        case .integer: PostgresType.integer
        case .double: PostgresType.double
        case .boolean: PostgresType.boolean
        case .text: PostgresType.text
        case .bytes: PostgresType.bytes
        }
    }

    private static func arrayOid(of type: SQLType) -> Oid {
        switch type {
        case .integer: PostgresType.integerArray
        case .double: PostgresType.doubleArray
        case .boolean: PostgresType.booleanArray
        case .text: PostgresType.textArray
        case .bytes: PostgresType.bytesArray
        }
    }

    /// An array whose elements may be NULL: each with its length before it, -1 for NULL.
    private mutating func append(_ values: [SQLValue], _ type: SQLType) throws {
        appendArrayHeader(values.count, of: Self.oid(of: type), hasNulls: values.contains(.null))
        for value in values {
            let place = buffer.count
            append(length: -1)
            guard try append(value) else { continue }
            let length = Int32(truncatingIfNeeded: buffer.count - place - 4)
            withUnsafeBytes(of: length.bigEndian) { buffer.replaceSubrange(place..<place + 4, with: $0) }
        }
    }

    /// False for NULL.
    private mutating func append(_ value: SQLValue) throws -> Bool {
        switch value {
        case .null: return false
        case .integer(let integer): append(integer)
        case .double(let double): append(Int64(bitPattern: double.bitPattern))
        case .boolean(let boolean): buffer.append(boolean ? 1 : 0)
        case .text(let text): try append(text)
        case .bytes(let bytes): buffer.append(contentsOf: bytes)
        }
        return true
    }

    private mutating func append(_ text: String) throws {
        try SQLValue.refuseZero(in: text)
        buffer.append(contentsOf: text.utf8)
    }

    private mutating func append(_ integer: Int64) {
        withUnsafeBytes(of: integer.bigEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func append(length: Int) {
        withUnsafeBytes(of: Int32(truncatingIfNeeded: length).bigEndian) { buffer.append(contentsOf: $0) }
    }

    /// Dimensions, whether there are nulls, element type; then the one dimension's length and lower bound.
    private mutating func appendArrayHeader(_ count: Int, of type: Oid, hasNulls: Bool = false) {
        append(length: count == 0 ? 0 : 1)
        append(length: hasNulls ? 1 : 0)
        append(length: Int(type))
        if count > 0 {
            append(length: count)
            append(length: 1)
        }
    }
}
