/// A statement as one of the databases is given it.
///
/// The text depends only on how the statement was written, never on its values, so it can key a cache of prepared
/// statements; only SQLite's `\(rows:)` makes it depend on how many rows there are, and with many it is not kept.
struct RenderedSQL {
    enum Argument: Equatable {
        case value(SQLValue, SQLType)
        case list(SQLList)
        case column([SQLValue], SQLType)
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
            case .rows(let rows): dialect == .postgres ? result.bindColumns(rows) : result.bindTuples(rows)
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

    /// `SELECT * FROM unnest(…)`, whose columns are named as those of VALUES are.
    fileprivate mutating func bindColumns(_ rows: SQLRows) {
        text += "SELECT * FROM unnest("
        for (index, (values, type)) in zip(rows.columns, rows.types).enumerated() {
            if index > 0 { text += ", " }
            bind(.column(values, type), .postgres)
        }
        text += ") AS u(" + (1...rows.types.count).map { "column\($0)" }.joined(separator: ", ") + ")"
    }

    fileprivate mutating func bindTuples(_ rows: SQLRows) {
        // A few lengths of each are worth keeping.
        dependsOnCount = dependsOnCount || rows.count > 8
        text += "VALUES "
        for row in 0..<rows.count {
            text += row == 0 ? "(" : ", ("
            for (index, (values, type)) in zip(rows.columns, rows.types).enumerated() {
                if index > 0 { text += ", " }
                bind(.value(values[row], type), .sqlite)
            }
            text += ")"
        }
    }
}
