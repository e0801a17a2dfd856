import CPostgres

/// One row of a result in the binary format, read by length.
struct PostgresRow: ConnectionRow {
    let result: OpaquePointer
    let index: Int32
    let types: [Oid]

    var count: Int { types.count }

    func value(at column: Int) throws -> SQLValue {
        let field = Int32(column)
        guard PQgetisnull(result, index, field) == 0, let start = PQgetvalue(result, index, field) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, index, field)))
        switch types[column] {
        case PostgresType.integer, PostgresType.int4, PostgresType.int2: return .integer(integer(bytes))
        case PostgresType.oid: return .integer(integer(bytes) & 0xffff_ffff)
        case PostgresType.text, PostgresType.varchar, PostgresType.name, PostgresType.unknown:
            return .text(String(decoding: bytes, as: UTF8.self))
        case PostgresType.bytes: return .bytes(Array(bytes))
        case PostgresType.boolean: return .boolean(bytes.first == 1)
        case PostgresType.double: return .double(Double(bitPattern: UInt64(bitPattern: integer(bytes))))
        case PostgresType.float4: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: integer(bytes)))))
        case PostgresType.numeric: return try numeric(bytes)
        case PostgresType.void: return .null
        case let type: throw DatabaseError.unreadable(column: column, type: "type we read (\(type))", statement: "")
        }
    }

    /// A big-endian signed integer of 2, 4 or 8 bytes.
    private func integer(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var value: Int64 = (bytes.first ?? 0) & 0x80 == 0 ? 0 : -1
        for byte in bytes { value = value << 8 | Int64(byte) }
        return value
    }

    /// What `SUM` of a BIGINT gives: groups of four decimal digits.
    private func numeric(_ bytes: UnsafeRawBufferPointer) throws -> SQLValue {
        func word(_ index: Int) -> Int { index * 2 + 1 < bytes.count ? Int(bytes[index * 2]) << 8 | Int(bytes[index * 2 + 1]) : 0 }
        let count = word(0), weight = Int(Int16(truncatingIfNeeded: word(1))), sign = word(2)
        guard sign == 0 || sign == 0x4000, weight < 64 else { return .double(.nan) }
        var whole: Int64? = 0
        var double = 0.0
        for group in 0..<max(count, weight + 1) {
            let digits = group < count ? word(4 + group) : 0
            double = double * 10_000 + Double(digits)
            if group <= weight {
                whole = whole.flatMap { whole in
                    let (product, overflow) = whole.multipliedReportingOverflow(by: 10_000)
                    let (sum, carry) = product.addingReportingOverflow(Int64(digits))
                    return overflow || carry ? nil : sum
                }
            } else {
                double /= 10_000
                whole = nil
            }
        }
        if let whole { return .integer(sign == 0 ? whole : -whole) }
        return .double(sign == 0 ? double : -double)
    }
}
