import Matrix

/// A pattern of `*` (any characters) and `?` (one character), without regard to case; the effort of a match is bounded by
/// the length of the text times that of the pattern in words of 64 characters.
/// [Glob-style matching](https://spec.matrix.org/v1.19/appendices/#glob-style-matching)
public struct Glob: Sendable, Hashable {
    /// A pattern that asks for more characters than this matches nothing.
    public static let lengthLimit = 512

    /// The text itself, where the pattern leaves nothing open.
    private let literal: String?
    /// Nil when the pattern is too long.
    private let automaton: GlobAutomaton?

    public init(_ pattern: String) {
        let lowered = pattern.lowercased()
        var steps: [Unicode.Scalar?] = []
        var gaps = [false]
        for scalar in lowered.unicodeScalars {
            if scalar == "*" {
                gaps[gaps.count - 1] = true
            } else {
                steps.append(scalar == "?" ? nil : scalar)
                gaps.append(false)
            }
        }
        literal = gaps.contains(true) || steps.contains(nil) ? nil : lowered
        automaton = GlobAutomaton(steps: steps, gaps: gaps)
    }

    /// Matches `text` alone, whatever characters it has.
    public init(literally text: String) {
        let lowered = text.lowercased()
        let steps = lowered.unicodeScalars.map(Optional.some)
        literal = lowered
        automaton = GlobAutomaton(steps: steps, gaps: Array(repeating: false, count: steps.count + 1))
    }

    /// Whether the pattern is the whole of `text`.
    public func matches(_ text: String) -> Bool {
        if let literal, automaton != nil { return text.lowercased().hasSameBytes(as: literal) }
        return search(text, forWords: false)
    }

    /// Whether the pattern is a part of `text` that begins and ends at a word's boundary.
    public func matchesWords(of text: String) -> Bool { search(text, forWords: true) }

    private func search(_ text: String, forWords: Bool) -> Bool {
        guard var progress = automaton else { return false }
        let scalars = Array(text.lowercased().unicodeScalars)
        for position in 0...scalars.count {
            let next = position < scalars.count ? scalars[position] : nil
            if position == 0 || (forWords && !isWord(scalars[position - 1])) { progress.begin() }
            if progress.isComplete && (next == nil || (forWords && next.map(isWord) == false)) { return true }
            if let next { progress.consume(next) }
        }
        return false
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "_": true
        default: false
        }
    }
}

/// The places in a pattern, a bit for each, and those of them that the text so far can have led to.
private struct GlobAutomaton: Sendable, Hashable {
    private var places: [UInt64]
    private let waiting: [UInt64]
    private let anything: [UInt64]
    private let accepting: [Unicode.Scalar: [UInt64]]
    private let length: Int

    init?(steps: [Unicode.Scalar?], gaps: [Bool]) {
        guard steps.count <= Glob.lengthLimit else { return nil }
        length = steps.count
        let none = [UInt64](repeating: 0, count: length / 64 + 1)
        var (waiting, anything) = (none, none)
        var accepting: [Unicode.Scalar: [UInt64]] = [:]
        for (place, gap) in gaps.enumerated() where gap { Self.set(place, in: &waiting) }
        for (place, step) in steps.enumerated() {
            if let step { Self.set(place, in: &accepting[step, default: none]) } else { Self.set(place, in: &anything) }
        }
        places = none
        self.waiting = waiting
        self.anything = anything
        self.accepting = accepting
    }

    /// The pattern may begin here.
    mutating func begin() { Self.set(0, in: &places) }

    /// Whether the pattern may end here.
    var isComplete: Bool { places[length / 64] & (1 << (length % 64)) != 0 }

    mutating func consume(_ scalar: Unicode.Scalar) {
        let accepts = accepting[scalar]
        var carry: UInt64 = 0
        for word in places.indices {
            let before = places[word]
            let moving = before & (anything[word] | (accepts?[word] ?? 0))
            places[word] = (moving << 1 | carry) | (before & waiting[word])
            carry = moving >> 63
        }
    }

    private static func set(_ place: Int, in bits: inout [UInt64]) { bits[place / 64] |= 1 << (place % 64) }
}
