extension Array {
    /// The elements in order, at most `size` at a time: a statement takes only so many values.
    public func pages(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: Swift.max(size, 1)).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
