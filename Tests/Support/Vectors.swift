import Foundation

/// The bytes of a file in `Tests/Vectors`.
public func vector(_ path: String, from file: String = #filePath) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: tests.appendingPathComponent("Vectors").appendingPathComponent(path)))
}
