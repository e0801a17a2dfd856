import Matrix

/// Finds the endpoint for a method and a path.
public struct Router: Sendable {
    /// A place in the tree of segments.
    private struct Node {
        var literals: [String: Int] = [:]
        /// Where a `{name}` leads; names belong to endpoints, so that two templates may call one place differently.
        var parameter: Int?
        var endpoints: [Method: (endpoint: Endpoint, names: [String])] = [:]
    }
    private var nodes = [Node()]
    /// What ends the waits of the endpoints that park.
    private(set) var wakes: [@Sendable () -> Void] = []

    public init(_ endpoints: [Endpoint] = []) {
        for endpoint in endpoints { add(endpoint) }
    }

    /// Alternatives are entered one by one; the same method and path twice is a mistake of ours.
    public mutating func add(_ endpoint: Endpoint) {
        if let wake = endpoint.wake { wakes.append(wake) }
        add(endpoint, segments: Self.segments(endpoint.path)[...], at: 0, names: [])
    }

    private mutating func add(_ endpoint: Endpoint, segments: ArraySlice<Substring>, at place: Int, names: [String]) {
        guard let segment = segments.first else {
            let previous = nodes[place].endpoints.updateValue((endpoint, names), forKey: endpoint.method)
            precondition(previous == nil, "\(endpoint.method) \(endpoint.path) stands twice in the table")
            return
        }
        if segment.hasPrefix("{"), segment.hasSuffix("}") {
            let next = nodes[place].parameter ?? addNode()
            nodes[place].parameter = next
            add(endpoint, segments: segments.dropFirst(), at: next, names: names + [String(segment.dropFirst().dropLast())])
            return
        }
        let alternatives =
            segment.hasPrefix("(") && segment.hasSuffix(")") ? segment.dropFirst().dropLast().split(separator: "|") : [segment]
        for alternative in alternatives {
            let next = nodes[place].literals[String(alternative)] ?? addNode()
            nodes[place].literals[String(alternative)] = next
            add(endpoint, segments: segments.dropFirst(), at: next, names: names)
        }
    }

    private mutating func addNode() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { $0 }
    }

    /// The endpoint and its parameters; `M_UNRECOGNIZED` with 404 for a path that is not known and 405 for a method that is not.
    public func match(_ method: Method, _ path: String) throws -> (endpoint: Endpoint, parameters: Parameters) {
        guard path.utf8.first == UInt8(ascii: "/") else { throw MatrixError.unrecognized() }
        let raw = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        guard raw.count <= Self.mostSegments else { throw MatrixError.unrecognized() }
        let segments = try raw.map {
            guard let text = percentDecoded($0) else {
                throw MatrixError.invalidParam("The path is not percent-encoded UTF-8")
            }
            return text
        }
        var values: [String] = []
        var otherMethod = false
        let found = find(method, segments[...], at: 0, &values, &otherMethod)
        guard let found else { throw MatrixError.unrecognized(status: otherMethod ? 405 : 404) }
        var parameters = Parameters()
        for (name, value) in zip(found.names, values) { parameters.append(name, value) }
        return (found.endpoint, parameters)
    }

    /// More than any path of ours has; what is longer is unknown without being looked for.
    private static let mostSegments = 32

    /// A literal goes before a parameter; where it leads nowhere, the parameter is tried.
    private func find(
        _ method: Method, _ segments: ArraySlice<String>, at place: Int, _ values: inout [String], _ otherMethod: inout Bool
    ) -> (endpoint: Endpoint, names: [String])? {
        let node = nodes[place]
        guard let segment = segments.first else {
            if let found = node.endpoints[method] ?? (method == .head ? node.endpoints[.get] : nil) { return found }
            otherMethod = otherMethod || !node.endpoints.isEmpty
            return nil
        }
        let rest = segments.dropFirst()
        if let next = node.literals[segment], let found = find(method, rest, at: next, &values, &otherMethod) { return found }
        guard let next = node.parameter, !segment.isEmpty || rest.isEmpty else { return nil }
        values.append(segment)
        if let found = find(method, rest, at: next, &values, &otherMethod) { return found }
        values.removeLast()
        return nil
    }
}
