/// A row of the table of keys.
struct ConfigurationKey: Sendable {
    /// From the top of the file, with `[]` for each item of a list: `logging[].params.path`.
    let path: String
    let kind: ValueKind
    /// As one would write it; nil when the key has no value unless given.
    let standard: String?
    /// Whether anything acts on it; if not, its presence earns a warning.
    let acted: Bool
    /// A secret is never shown, not even in an error.
    let secret: Bool

    init(_ path: String, _ kind: ValueKind, _ standard: String? = nil, acted: Bool = true, secret: Bool = false) {
        self.path = path
        self.kind = kind
        self.standard = standard
        self.acted = acted
        self.secret = secret
    }

    /// A key that Dendrite knows and that nothing here acts on yet.
    static func unused(_ path: String, _ kind: ValueKind, _ standard: String? = nil, secret: Bool = false) -> Self {
        Self(path, kind, standard, acted: false, secret: secret)
    }
}

extension ConfigurationKey {
    /// `node` as an error may show it.
    func shown(_ node: YAMLNode) -> String {
        guard secret else { return node.shown }
        guard case .database = kind, let text = node.text, text.contains("://") else { return "(hidden)" }
        return DatabaseAddress.redacted(text)
    }

    static let count: ClosedRange<Int64> = 1...1_000_000
    static let natural: ClosedRange<Int64> = 0...Int64.max
    /// A stream holds one message at least.
    static let streamBytes: ClosedRange<Int64> = (512 << 10)...(1 << 50)

    static func database(_ path: String, connections: Int, acted: Bool = true) -> [Self] {
        [
            Self("\(path).connection_string", .database, acted: acted, secret: true),
            Self("\(path).max_open_conns", .integer(1...10_000), "\(connections)", acted: acted),
            Self("\(path).max_idle_conns", .integer(0...10_000), "2", acted: acted),
            Self("\(path).conn_max_lifetime", .duration(bare: .seconds(1)), "-1", acted: acted),
        ]
    }

    /// The addresses of every component.
    static let addresses: [Self] = ComponentName.allCases.flatMap { component in
        let port = component.internalPort
        let internalKeys = [
            Self("\(component.section).internal_api.listen", .address, "http://localhost:\(port)"),
            Self(
                "\(component.section).internal_api.connect", .url(schemes: ["http", "https"], list: true),
                "http://localhost:\(port)"),
        ]
        return internalKeys
            + (component.externalPort.map { [Self("\(component.section).external_api.listen", .address, "http://[::]:\($0)")] }
                ?? [])
    }

    /// The databases of the components, in the sections that have one.
    static let databases: [Self] = ComponentName.allCases.flatMap { component in
        component.databaseKey.map { database($0, connections: component == .mediaapi ? 5 : 10) } ?? []
    }
}
