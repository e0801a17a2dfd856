import Foundation
import Matrix

/// Until `Matrix` has its own.
enum JSONCoder {
    static func encode(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }
    static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw MatrixError(status: 400, errcode: "M_BAD_JSON", error: "The body is not what it should be")
        }
    }
}
