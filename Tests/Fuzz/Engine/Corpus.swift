/// The inputs that are mutated: the seeds, and those that were the first to make something of a new kind happen.
struct Corpus {
    private(set) var inputs: [[UInt8]]
    private var seen: Set<Kind> = []
    private let seeds: Int

    private static let mostInputs = 4096
    private static let mostKinds = 1 << 16
    private static let longest = 8192

    init(_ seeds: [[UInt8]]) {
        inputs = seeds.isEmpty ? [[]] : seeds
        self.seeds = inputs.count
    }

    /// Keeps the input if it is the first of its kind; when there are too many, in the place of one that is no seed.
    mutating func add(_ input: [UInt8], _ kind: Kind, using random: inout SplitMix) {
        guard seen.count < Self.mostKinds, seen.insert(kind).inserted, input.count <= Self.longest else { return }
        if inputs.count < Self.mostInputs {
            inputs.append(input)
        } else if inputs.count > seeds {
            inputs[seeds + random.below(inputs.count - seeds)] = input
        }
    }

    /// One of the inputs, every fourth time a seed.
    func any(using random: inout SplitMix) -> [UInt8] {
        inputs[random.oneIn(4) ? random.below(seeds) : random.below(inputs.count)]
    }
}
