import Glibc

extension String {
    /// Whether both are the same bytes. (`==` also holds for different spellings of one character.)
    public func hasSameBytes(as other: String) -> Bool { utf8.count == other.utf8.count && compareBytes(to: other) == 0 }

    /// Negative, zero or positive, as these bytes sort before, with or after the other's: the order of Unicode code points.
    func compareBytes(to other: String) -> Int {
        let fast = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in Matrix.compareBytes(left, right) }
        }
        if let order = fast, let order { return order }
        return Matrix.compareBytes(Array(utf8), Array(other.utf8))
    }
}

@inline(__always)
func compareBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return left.count - right.count }
    let order = memcmp(leftBase, rightBase, min(left.count, right.count))
    return order == 0 ? left.count - right.count : Int(order)
}

private func compareBytes(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { compareBytes(left, $0) } }
}
