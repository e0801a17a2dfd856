import Foundation
import Yams

/// A node of a YAML document, asked for values of one kind at a time; nothing is converted silently.
struct YAMLNode {
    private let node: Node

    init(_ node: Node) { self.node = node }

    var line: Int? { node.mark?.line }

    var isNull: Bool {
        if case .scalar(let scalar) = node { plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) } else { false }
    }

    /// The text of a scalar, quoted or not.
    var text: String? { if case .scalar(let scalar) = node, !isNull { scalar.string } else { nil } }

    var boolean: Bool? {
        guard plain, let text else { return nil }
        return switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    var integer: Int64? { plain ? text.flatMap { Int64($0.replacing("_", with: "")) } : nil }

    var items: [YAMLNode]? { if case .sequence(let sequence) = node { sequence.map(YAMLNode.init) } else { nil } }

    /// The pairs of a mapping in the order of the file, those merged in by `<<` last; keys that are no scalars are left out.
    var pairs: [(key: String, value: YAMLNode)]? {
        guard case .mapping(let mapping) = node else { return nil }
        var pairs: [(key: String, value: YAMLNode)] = []
        var merged: [YAMLNode] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else { continue }
            if scalar.string == "<<" {
                merged += YAMLNode(value).items ?? [YAMLNode(value)]
            } else {
                pairs.append((scalar.string, YAMLNode(value)))
            }
        }
        guard !merged.isEmpty else { return pairs }
        var known = Set(pairs.map(\.key))
        for pair in merged.lazy.flatMap({ $0.pairs ?? [] }) where known.insert(pair.key).inserted { pairs.append(pair) }
        return pairs
    }

    /// As an error shows it.
    var shown: String {
        switch node {
        case .scalar(let scalar):
            isNull ? "empty" : plain ? String(scalar.string.prefix(200)) : "\"\(scalar.string.prefix(200))\""
        case .sequence(let sequence): sequence.isEmpty ? "an empty list" : "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }

    private var plain: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return switch scalar.style {
        case .plain, .any: true
        default: false
        }
    }
}

/// Reads YAML files within bounds that no honest configuration reaches.
enum YAMLFile {
    static let maximumBytes = 256 * 1024
    /// Counted after aliases are followed, so that a few lines cannot stand for millions.
    static let maximumNodes = 20_000

    /// Aliases of aliases double what is there with each line, and are followed as the file is read: so they are counted before.
    static let maximumAliases = 20

    /// What may be an alias: an asterisk at the beginning of a word, with a name after it.
    private static func aliases(in contents: Data) -> Int {
        var count = 0
        var isBeginning = true, isAsterisk = false
        for byte in contents {
            if isAsterisk, byte > 0x20 { count += 1 }
            switch byte {
            case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "["), UInt8(ascii: "{"),
                UInt8(ascii: "?"):
                (isBeginning, isAsterisk) = (true, false)
            default:
                (isBeginning, isAsterisk) = (false, isBeginning && byte == UInt8(ascii: "*"))
            }
        }
        return count
    }

    /// What is in the file, up to one byte more than is taken.
    static func contents(of path: String) throws(ConfigurationError) -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            return try handle.read(upToCount: maximumBytes + 1) ?? Data()
        } catch {
            throw refusal(
                of: path, FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist",
                mend: "Name a configuration with --config, or make one with generate-config")
        }
    }

    static func read(_ contents: Data, of path: String) throws(ConfigurationError) -> YAMLNode {
        guard contents.count <= maximumBytes else {
            throw refusal(
                of: path, "is larger than \(maximumBytes / 1024) KiB",
                mend: "Name a configuration with --config, or make one with generate-config")
        }
        guard let text = String(validating: contents, as: UTF8.self) else {
            throw refusal(of: path, "is not UTF-8", mend: "Save it as UTF-8")
        }
        guard aliases(in: contents) <= maximumAliases else {
            throw refusal(of: path, "has more than \(maximumAliases) aliases (*name)", mend: "Write what they stand for, or quote what is none")
        }
        do {
            return YAMLNode(try Yams.compose(yaml: text) ?? Node([(Node, Node)]()))
        } catch let error as YamlError {
            let (problem, line) = describe(error)
            throw refusal(of: path, "is not YAML: \(problem)", mend: "Correct the line; values with : or # in them need quotes", line: line)
        } catch {
            throw refusal(of: path, "is not YAML", mend: "Correct it")
        }
    }

    private static func refusal(of path: String, _ problem: String, mend: String, line: Int? = nil) -> ConfigurationError {
        ConfigurationError(file: path, problems: [.init(key: "", line: line, problem: problem, mend: mend)])
    }

    static func parse(_ text: String) throws -> YAMLNode { YAMLNode(try Yams.compose(yaml: text) ?? Node("")) }

    private static func describe(_ error: YamlError) -> (problem: String, line: Int?) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            (problem, mark.line)
        case .reader(let problem, _, _, _): (problem, nil)
        case .duplicatedKeysInMapping(let keys, let context): ("\(keys.joined(separator: ", ")) given twice", context.mark.line)
        default: ("it cannot be parsed", nil)
        }
    }
}
