/// The members of a JSON object, sorted by the bytes of their keys, each key once.
public struct JSONObject: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public let key: String
        public var value: JSON

        public static func == (left: Member, right: Member) -> Bool {
            left.key.hasSameBytes(as: right.key) && left.value == right.value
        }
    }

    private(set) var members: [Member]

    public init() { members = [] }

    /// Of members with the same key the last one counts.
    public init(_ pairs: some Sequence<(String, JSON)>) {
        members = Self.sorted(pairs.map { Member(key: $0.0, value: $0.1) })
    }

    /// `members` are sorted, without duplicates.
    init(sorted members: [Member]) { self.members = members }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: [String] { members.map(\.key) }
    public var values: [JSON] { members.map(\.value) }

    public subscript(key: String) -> JSON? {
        get { position(of: key).found.map { members[$0].value } }
        set {
            let position = position(of: key)
            switch (position.found, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.insert(Member(key: key, value: value), at: position.insertion)
            case (nil, nil): break
            }
        }
    }

    public func contains(_ key: String) -> Bool { position(of: key).found != nil }

    /// This object with the members of another, which win.
    public func merging(_ other: JSONObject) -> JSONObject {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return JSONObject(sorted: Self.sorted(members + other.members))
    }

    public func filter(_ isIncluded: (String, JSON) throws -> Bool) rethrows -> JSONObject {
        JSONObject(sorted: try members.filter { try isIncluded($0.key, $0.value) })
    }

    private func position(of key: String) -> (found: Int?, insertion: Int) {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            switch members[middle].key.compareBytes(to: key) {
            case 0: return (middle, middle)
            case ..<0: low = middle + 1
            default: high = middle
            }
        }
        return (nil, low)
    }

    /// Sorts by key; the last of several with one key stays.
    static func sorted(_ members: [Member]) -> [Member] {
        let ascending = zip(members, members.dropFirst()).allSatisfy { $0.key.compareBytes(to: $1.key) < 0 }
        if ascending { return members }
        let ordered = members.enumerated().sorted {
            let order = $0.element.key.compareBytes(to: $1.element.key)
            return order == 0 ? $0.offset < $1.offset : order < 0
        }
        var result: [Member] = []
        result.reserveCapacity(ordered.count)
        for (_, member) in ordered {
            if let last = result.last, last.key.hasSameBytes(as: member.key) { result.removeLast() }
            result.append(member)
        }
        return result
    }
}

extension JSONObject: Sequence {
    public struct Iterator: IteratorProtocol {
        fileprivate var base: IndexingIterator<[Member]>

        public mutating func next() -> (key: String, value: JSON)? {
            base.next().map { ($0.key, $0.value) }
        }
    }

    public func makeIterator() -> Iterator { Iterator(base: members.makeIterator()) }
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSONObject: CustomStringConvertible {
    public var description: String { JSON.object(self).description }
}
