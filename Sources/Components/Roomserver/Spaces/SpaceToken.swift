/// Where a walk through a space goes on: all of it is in the token, so any replica goes on, and nothing is kept.
struct SpaceToken: Equatable {
    /// A space, and which of its children is next.
    struct Step: Equatable {
        var space: Int64
        var next: Int
    }

    var suggestedOnly: Bool
    var maxDepth: Int
    /// From the space that the walk began at down to where it is.
    var path: [Step]
    /// The rooms that were shown.
    var seen: Set<Int64>

    init(suggestedOnly: Bool, maxDepth: Int, path: [Step] = [], seen: Set<Int64> = []) {
        self.suggestedOnly = suggestedOnly
        self.maxDepth = maxDepth
        self.path = path
        self.seen = seen
    }

    private static let radix = 36

    /// Numbers of rooms rise, so what lies between two is told rather than the numbers.
    var text: String {
        func write(_ number: Int64) -> String { String(number, radix: Self.radix) }
        let steps = path.map { "\(write($0.space))-\(write(Int64($0.next)))" }.joined(separator: "_")
        var last: Int64 = 0
        let rooms = seen.sorted().map { room in
            defer { last = room }
            return write(room - last)
        }.joined(separator: "_")
        return "h1.\(suggestedOnly ? "s" : "a").\(write(Int64(maxDepth))).\(steps).\(rooms)"
    }

    /// Reads a token; nil where it is none of ours.
    init?(_ text: String) {
        guard text.utf8.count <= 32 << 10 else { return nil }
        func read(_ part: Substring) -> Int64? { Int64(part, radix: Self.radix).flatMap { $0 >= 0 ? $0 : nil } }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "h1", parts[1] == "s" || parts[1] == "a",
            let depth = read(parts[2]).flatMap(Int.init(exactly:))
        else { return nil }
        suggestedOnly = parts[1] == "s"
        maxDepth = depth
        path = []
        for step in parts[3].split(separator: "_") {
            let numbers = step.split(separator: "-")
            guard numbers.count == 2, let space = read(numbers[0]), let next = read(numbers[1]).flatMap(Int.init(exactly:)) else {
                return nil
            }
            path.append(Step(space: space, next: next))
        }
        seen = []
        var last: Int64 = 0
        for part in parts[4].split(separator: "_") {
            guard let distance = read(part) else { return nil }
            let (room, overflows) = last.addingReportingOverflow(distance)
            if overflows { return nil }
            seen.insert(room)
            last = room
        }
    }
}
