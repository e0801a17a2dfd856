import Foundation

/// Sees to it that a process does not grow beyond what it had once it was warm.
struct MemoryWatch {
    let bound: Int
    /// How many inputs it takes to be warm.
    let settledAfter: Int
    private(set) var resident = 0
    private var settled: Int?

    init(bound: Int, settledAfter: Int) {
        self.bound = bound
        self.settledAfter = settledAfter
    }

    mutating func check(_ number: Int) throws {
        resident = Self.residentBytes
        guard number >= settledAfter else { return }
        let settled = settled ?? resident
        self.settled = settled
        guard resident - settled <= bound else {
            throw Finding("the process grew from \(settled >> 20) to \(resident >> 20) MB")
        }
    }

    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let numbers = text.split(separator: " ").prefix(2).compactMap { Int($0) }
        return numbers.count == 2 ? numbers[1] * 4096 : 0
    }
}
