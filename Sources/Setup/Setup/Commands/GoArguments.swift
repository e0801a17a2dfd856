/// Arguments in the manner of Go's `flag` package, brought to the one form that ArgumentParser reads:
/// `-x v`, `--x v`, `-x=v` and `--x=v` all become `--x=v`; a Boolean `-x` or `-x=true` becomes `--x`.
enum GoArguments {
    private static let yes: Set<String> = ["1", "t", "T", "true", "TRUE", "True"]
    private static let no: Set<String> = ["0", "f", "F", "false", "FALSE", "False"]

    /// `booleans` are the flags that take no value, without their dashes. After `--` nothing is a flag.
    static func normalised(_ arguments: [String], booleans: Set<String>) -> [String] {
        var result: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" { return result + [argument] + rest }
            guard argument.hasPrefix("-"), argument != "-" else {
                result.append(argument)
                continue
            }
            let body = argument.dropFirst(argument.hasPrefix("--") ? 2 : 1)
            let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts.first ?? ""
            if name == "h" || name == "help" {
                result.append("--help")
            } else if booleans.contains(name) {
                append(boolean: name, value: parts.count == 2 ? parts[1] : nil, to: &result)
            } else if parts.count == 2 {
                result.append("--\(name)=\(parts[1])")
            } else if let value = rest.popFirst() {
                result.append("--\(name)=\(value)")
            } else {
                result.append("--\(name)")
            }
        }
        return result
    }

    private static func append(boolean name: String, value: String?, to result: inout [String]) {
        switch value {
        case nil: result.append("--\(name)")
        case .some(let value) where yes.contains(value): result.append("--\(name)")
        case .some(let value) where no.contains(value): break
        case .some(let value): result.append("--\(name)=\(value)")
        }
    }
}
