import Foundation

/// Gives a target many inputs.
public struct FuzzRun {
    public let inputs: Int
    public let seed: UInt64
    /// Where the input that is being taken is noted; nil: nowhere.
    let note: InputNote?
    /// Whether the process is this run's own, so that its growth is the target's.
    let isAlone: Bool
    let progress: (Progress) -> Void

    /// How far a run has come.
    public struct Progress {
        public var inputs: Int
        public var kinds: Int
        public var residentBytes: Int
    }

    public init(
        inputs: Int, seed: UInt64, isAlone: Bool, note: InputNote? = nil, progress: @escaping (Progress) -> Void = { _ in }
    ) {
        self.inputs = inputs
        self.seed = seed
        self.isAlone = isAlone
        self.note = note
        self.progress = progress
    }

    /// Throws a ``FailedInput`` at the first thing that does not hold.
    public func run(_ target: any FuzzTarget) async throws {
        var random = SplitMix(seed: seed)
        var corpus = Corpus(target.seeds)
        var memory = MemoryWatch(bound: isAlone ? target.growthBound : .max, settledAfter: min(inputs / 5, 200_000))
        for number in 0..<inputs {
            // The seeds themselves come first.
            let input =
                number < corpus.inputs.count && number < target.seeds.count
                ? corpus.inputs[number]
                : target.mutated(corpus.any(using: &random), with: corpus.any(using: &random), using: &random)
            note?.begin(input)
            do {
                corpus.add(input, try await target.take(input), using: &random)
                if number & 0x3FF == 0 { try memory.check(number) }
            } catch {
                throw FailedInput(input: input, number: number, what: "\(error)")
            }
            if number & 0xFFF == 0 {
                progress(Progress(inputs: number, kinds: corpus.inputs.count, residentBytes: memory.resident))
            }
        }
        do { try memory.check(inputs) } catch { throw FailedInput(input: [], number: inputs, what: "\(error)") }
        progress(Progress(inputs: inputs, kinds: corpus.inputs.count, residentBytes: memory.resident))
    }
}

/// An input with which something did not hold.
public struct FailedInput: Error, CustomStringConvertible {
    public let input: [UInt8]
    public let number: Int
    public let what: String

    public var description: String { "input \(number): \(what)\n\(InputReport(input))" }
}
