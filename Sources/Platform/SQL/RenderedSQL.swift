/// A statement as one of the databases is given it.
///
/// The text depends only on how the statement was written, never on its values, so it can key a cache of prepared
/// statements; only `\(values:)` makes it depend on how many rows there are, and with many it is not kept.
struct RenderedSQL {
    enum Argument: Equatable {
        case value(SQLValue, SQLType)
        case list(SQLList)
    }

    var text = ""
    var arguments: [Argument] = []
    var dependsOnCount = false
}

extension SQL {
    func rendered(for dialect: Dialect) -> RenderedSQL {
        var result = RenderedSQL()
        result.arguments.reserveCapacity(pieces.count / 2 + 1)
        for piece in pieces {
            switch piece {
            case .text(let text): result.text += text
            case .dialect(let postgres, let sqlite): result.text += dialect == .postgres ? postgres : sqlite
            case .value(let value, let type): result.bind(.value(value, type), dialect)
            case .anyOf(let list): result.bind(list, dialect)
            case .tuples(let rows): result.bind(rows, dialect)
            }
        }
        return result
    }
}

extension RenderedSQL {
    fileprivate mutating func bind(_ argument: Argument, _ dialect: Dialect) {
        arguments.append(argument)
        text += dialect == .postgres ? "$" : "?"
        text += String(arguments.count)
    }

    fileprivate mutating func bind(_ list: SQLList, _ dialect: Dialect) {
        text += dialect == .postgres ? "= ANY(" : "IN (SELECT value FROM json_each("
        bind(.list(list), dialect)
        text += dialect == .postgres ? ")" : "))"
    }

    fileprivate mutating func bind(_ rows: [[(SQLValue, SQLType)]], _ dialect: Dialect) {
        // A few lengths of each are worth keeping.
        dependsOnCount = dependsOnCount || rows.count > 8
        for (index, row) in rows.enumerated() {
            text += index == 0 ? "(" : ", ("
            for (column, (value, type)) in row.enumerated() {
                if column > 0 { text += ", " }
                bind(.value(value, type), dialect)
            }
            text += ")"
        }
    }
}
