/// Something that takes bytes from outside, and what must hold whatever they are.
public protocol FuzzTarget: AnyObject {
    /// What mutation begins with.
    var seeds: [[UInt8]] { get }
    /// How many bytes the process may grow by while it runs.
    var growthBound: Int { get }

    /// An input made from one that was taken before and another one.
    func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8]

    /// Takes one input; throws a ``Finding`` when something does not hold. The answer names what kind of thing happened:
    /// an input that is the first of its kind is mutated further.
    func take(_ input: [UInt8]) async throws -> Kind

    /// What happened to the inputs so far, for whoever wants to know whether they reach anything.
    var summary: String { get }
}

extension FuzzTarget {
    public var growthBound: Int { 128 << 20 }
    public var summary: String { "" }
}

/// What kind of thing an input made happen.
public struct Kind: Hashable, Sendable {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    public init() {}

    public init(_ parts: Int...) {
        for part in parts { add(part) }
    }

    public mutating func add(_ part: Int) { value = (value ^ UInt64(truncatingIfNeeded: part)) &* 0x100_0000_01B3 }

    /// Takes a text in without the digits and the quotations that make two refusals of one kind differ.
    public mutating func add(_ text: String) {
        var isQuoted = false
        for byte in text.utf8.prefix(160) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, byte < 0x30 || byte > 0x39 { add(Int(byte)) }
        }
    }

    /// The number of bits of a count: what is twice as large is of another kind.
    public mutating func add(sizeOf count: Int) { add(Int.bitWidth - count.leadingZeroBitCount) }
}

/// Something that does not hold.
public struct Finding: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Throws a ``Finding`` unless it is so.
func require(_ isSo: Bool, _ what: @autoclosure () -> String) throws {
    if !isSo { throw Finding(what()) }
}
