import Foundation
import Web
import Yams

/// The values of one file by path, checked against the table; what is absent answers with the table's default.
struct ConfigurationValues {
    struct Given {
        var value: ConfigurationValue
        var shown: String
        var line: Int?
    }

    private(set) var given: [String: Given] = [:]
    private(set) var warnings: [String] = []
    /// Those of the warnings that are about keys not in the table.
    private(set) var unknown: [String] = []
    private(set) var problems: [ConfigurationError.Problem] = []
    private var counts: [String: Int] = [:]
    private var nodes = 0

    init(_ root: YAMLNode) {
        walk(root, at: "")
    }

    /// Takes a value from elsewhere, as a flag of the command line, in place of the file's.
    mutating func replace(_ path: String, with text: String?, from source: String) {
        guard let text else { return }
        take(YAMLNode(Node(text, .implicit, .doubleQuoted)), at: path, shownAs: source)
    }

    private mutating func walk(_ node: YAMLNode, at path: String) {
        nodes += 1
        guard nodes <= YAMLFile.maximumNodes else {
            if nodes == YAMLFile.maximumNodes + 1 {
                problems.append(
                    .init(key: "", problem: "has more than \(YAMLFile.maximumNodes) values", mend: "Use fewer aliases"))
            }
            return
        }
        if KeyTable.key(path) != nil {
            take(node, at: path)
        } else if KeyTable.isList(path) {
            guard let items = node.isNull ? [] : node.items else {
                return refuse(node, at: path, "a list is wanted", mend: "Begin each item with a dash")
            }
            counts[path] = items.count
            for (index, item) in items.enumerated() { walk(item, at: "\(path)[\(index)]") }
        } else if path.isEmpty || KeyTable.isSection(path) {
            guard let pairs = node.isNull ? [] : node.pairs else {
                return refuse(
                    node, at: path, "keys are wanted beneath it", mend: "See dendrite-config.yaml")
            }
            for (key, value) in pairs { walk(value, at: path.isEmpty ? key : "\(path).\(key)") }
        } else {
            let warning = "\(path)\(place(node)) is not known and is ignored"
            unknown.append(warning)
            warnings.append(warning)
        }
    }

    private mutating func take(_ node: YAMLNode, at path: String, shownAs source: String? = nil) {
        guard let key = KeyTable.key(path) else { return }
        if !key.acted { warnings.append("\(path)\(place(node)) is known, but nothing acts on it yet") }
        guard !node.isNull || key.kind.takesNothing else { return }
        let shown = source ?? key.shown(node)
        guard let value = key.kind.read(node) else {
            return problems.append(
                .init(key: path, value: shown, line: node.line, problem: "this value does not do", mend: key.kind.mend))
        }
        given[path] = Given(value: value, shown: shown, line: node.line)
    }

    private func place(_ node: YAMLNode) -> String { node.line.map { " (line \($0))" } ?? "" }

    private mutating func refuse(_ node: YAMLNode, at path: String, _ problem: String, mend: String) {
        problems.append(.init(key: path, value: node.shown, line: node.line, problem: problem, mend: mend))
    }

    /// Notes that a value, though of the right kind, does not fit the rest.
    mutating func refuse(_ path: String, _ problem: String, mend: String) {
        let given = given[path]
        problems.append(.init(key: path, value: given?.shown, line: given?.line, problem: problem, mend: mend))
    }

    mutating func warn(_ text: String) { warnings.append(text) }
}

// MARK: asking

extension ConfigurationValues {
    func isGiven(_ path: String) -> Bool { given[path] != nil }
    func count(_ list: String) -> Int { counts[list] ?? 0 }

    /// Nil when neither the file nor the table has a value.
    func value(_ path: String) -> ConfigurationValue? {
        if let given = given[path] { return given.value }
        guard let key = KeyTable.key(path) else { preconditionFailure("\(path) is not in KeyTable") }
        return KeyTable.standard(of: key)
    }

    func string(_ path: String) -> String { if case .string(let text) = value(path) { text } else { "" } }
    func boolean(_ path: String) -> Bool { if case .boolean(let flag) = value(path) { flag } else { false } }
    func integer(_ path: String) -> Int { if case .integer(let number) = value(path) { Int(number) } else { 0 } }
    func duration(_ path: String) -> Duration? { if case .duration(let duration) = value(path) { duration } else { nil } }
    func strings(_ path: String) -> [String] { if case .strings(let list) = value(path) { list } else { [] } }
    func address(_ path: String) -> ListenAddress? { if case .address(let address) = value(path) { address } else { nil } }

    func urls(_ path: String) -> [URL] { if case .urls(let urls) = value(path) { urls } else { [] } }
    func database(_ path: String) -> (address: DatabaseAddress, text: String)? {
        if case .database(let address, let text) = value(path) { (address, text) } else { nil }
    }
}
