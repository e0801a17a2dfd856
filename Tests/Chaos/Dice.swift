/// Chance that a seed repeats: SplitMix64. Each who throws has dice of their own, so that nobody disturbs another's.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, of name: String) {
        state = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// True so many times in a hundred.
    mutating func percent(_ chance: Int) -> Bool { Int.random(in: 0..<100, using: &self) < chance }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &self)) }

    mutating func pick<T>(_ list: [T]) -> T? { list.randomElement(using: &self) }

    /// One of these, each as often as its weight says.
    mutating func pick<T>(weighted list: [(weight: Int, value: T)]) -> T? {
        var left = Int.random(in: 0..<max(1, list.reduce(0) { $0 + $1.weight }), using: &self)
        for (weight, value) in list {
            left -= weight
            if left < 0 { return value }
        }
        return nil
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
