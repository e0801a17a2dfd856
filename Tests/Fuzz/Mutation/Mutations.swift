/// One to five changes, of bytes and of structure.
struct Mutations {
    var bytes = ByteMutator()
    /// Nil for what is not JSON.
    var json: JSONMutator? = JSONMutator()

    func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        var input = input
        for _ in 0..<1 + random.below(random.oneIn(3) ? 5 : 2) {
            if let json, !random.oneIn(3) {
                json.mutate(&input, with: other, using: &random)
            } else {
                bytes.mutate(&input, with: other, using: &random)
            }
        }
        return input
    }
}
