import Matrix

/// Canonical JSON against a second implementation, by each of the ways in which the product makes it.
public final class CanonicalTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    private let mutations: Mutations

    public init() throws {
        seeds = try Seeds.json() + Seeds.oddJSON + Seeds.events().map(\.bytes)
        var mutations = Mutations()
        mutations.json?.words = ["9007199254740991", "-9007199254740991", "9007199254740991.0", "9007199254740992", "1e15", "1e16"]
            .map { Array($0.utf8) }
        self.mutations = mutations
    }

    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        mutations.mutated(input, with: other, using: &random)
    }

    public func take(_ input: [UInt8]) throws -> Kind {
        guard let obvious = ObviousJSON(input) else {
            try require((try? JSON(parsing: input, .canonical)) == nil, "what is no JSON is canonical")
            return Kind(0)
        }
        let value = try JSON(parsing: input)
        // As events are made and signed.
        let valued = text(try? value.canonical())
        try require(valued == obvious.canonical(.valued), "canonical() is \(valued ?? "refused")")
        if let object = value.object {
            try require(text(try? object.canonical()) == valued, "an object is written otherwise than its value")
        }
        // As events are hashed.
        let document = try JSONDocument(reading: input)
        var writer = JSONWriter()
        document.view { $0.writeCanonical(0, to: &writer) }
        try require(text(writer.bytes) == obvious.canonical(.any), "writeCanonical is \(text(writer.bytes) ?? "no UTF-8")")
        // As events of room versions from 6 on are read.
        let strict = try? JSON(parsing: input, .canonical)
        let spelt = obvious.canonical(.spelt)
        try require(text(strict?.serialized()) == spelt, "read strictly it is \(strict.map { "\($0)" } ?? "refused")")
        if let spelt {
            try require(spelt == valued, "strictly and otherwise there are two canonical forms")
            try require(try JSON(parsing: spelt, .canonical) == strict, "the canonical form is another value")
        }
        var kind = Kind(1, valued == nil ? 0 : 1, spelt == nil ? 0 : 1, value.depth)
        kind.add(sizeOf: input.count)
        kind.add(sizeOf: document.nodes.count)
        return kind
    }

    /// Nil when it is nil; a text that is no UTF-8 is one that nothing equals.
    private func text(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(validating: $0, as: UTF8.self) ?? "\u{0}no UTF-8" }
    }
}
