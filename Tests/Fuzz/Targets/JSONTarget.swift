import Matrix

/// The JSON reader and writer: the reader takes what a second reader takes and finds the same in it, and what it took comes
/// back from what the writer makes of it.
public final class JSONTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    private let mutations = Mutations()

    public init() throws { seeds = try Seeds.json() + Seeds.oddJSON + Seeds.events().map(\.bytes) }

    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        mutations.mutated(input, with: other, using: &random)
    }

    public func take(_ input: [UInt8]) throws -> Kind {
        let obvious = ObviousJSON(input)
        let value: JSON
        do {
            value = try JSON(parsing: input)
        } catch {
            try require(obvious == nil, "what is JSON is refused: \(error)")
            try require((try? RawJSON(validating: input, .lenient)) == nil, "RawJSON takes what the reader refuses")
            try require((try? JSON(parsing: input, .canonical)) == nil, "what is no JSON is canonical")
            return kind(of: error)
        }
        guard let obvious else { throw Finding("what is no JSON is taken as \(value)") }
        try require(value == obvious.json, "read as \(value), not as \(obvious.json)")

        let written = value.serialized()
        try require(try JSON(parsing: written) == value, "written and read again it is another value")
        try require(try JSON(parsing: written).serialized() == written, "written again it is another text")
        try require(try RawJSON(validating: input).parsed() == value, "RawJSON has another value")
        try require(try JSONCoder.decode(JSON.self, from: input) == value, "JSONCoder has another value")
        try require(try JSONCoder.encode(value) == written, "JSONCoder writes another text")
        let document = try JSONDocument(reading: input)
        for (key, member) in value.object ?? [:] {
            try require(document.member(key) == member, "looked up, \(key.debugDescription) is another value")
        }
        return kind(of: value, document, input)
    }

    private func kind(of error: JSONError) -> Kind {
        guard case .malformed(let reason, let place) = error else { return Kind(2) }
        var kind = Kind(1)
        kind.add(reason)
        kind.add(sizeOf: place)
        return kind
    }

    private func kind(of value: JSON, _ document: JSONDocument, _ input: [UInt8]) -> Kind {
        var kinds: Set<UInt8> = []
        for node in document.nodes { kinds.insert(node.kind.rawValue) }
        var kind = Kind(3, value.depth)
        for found in kinds.sorted() { kind.add(Int(found)) }
        kind.add(sizeOf: document.nodes.count)
        kind.add(sizeOf: input.count)
        return kind
    }
}

extension JSON {
    /// How deep it nests.
    var depth: Int {
        switch self {
        case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
        case .object(let object): 1 + (object.values.lazy.map(\.depth).max() ?? 0)
        default: 0
        }
    }
}
