import Foundation
import Synchronization

/// A file, mapped into memory, that says which input is being taken: it outlives a trap.
public final class InputNote: Sendable {
    public static let capacity = 1 << 20
    private static let header = 16
    /// Never unmapped: the note lives as long as its process. Only whoever takes inputs writes, one at a time.
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    private let taken = Atomic(0)

    public init(path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        let size = Self.header + Self.capacity
        guard file >= 0, ftruncate(file, off_t(size)) == 0,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw Finding("\(path) cannot be written") }
        close(file)
        self.memory = memory
    }

    /// How many inputs were begun.
    var count: Int { taken.load(ordering: .relaxed) }

    func begin(_ input: [UInt8]) {
        let length = min(input.count, Self.capacity)
        let number = taken.add(1, ordering: .relaxed).newValue
        memory.storeBytes(of: UInt64(number), as: UInt64.self)
        memory.storeBytes(of: UInt64(length), toByteOffset: 8, as: UInt64.self)
        input.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { memcpy(memory + Self.header, base, length) }
        }
    }

    /// The input that was last begun, and how many there were.
    public static func read(_ path: String) -> (input: [UInt8], count: Int)? {
        guard let data = FileManager.default.contents(atPath: path), data.count >= header else { return nil }
        func number(at offset: Int) -> Int {
            data[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let count = number(at: 0), length = number(at: 8)
        guard length >= 0, header + length <= data.count else { return nil }
        return ([UInt8](data[header..<header + length]), count)
    }
}
