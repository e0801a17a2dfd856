import Setup
import Surroundings

/// What the processes themselves say of the run.
struct ProcessLogs {
    let cluster: Cluster
    let findings: Findings

    /// Notes crashes and errors, and returns how often each warning came.
    func check() throws -> Tally {
        var warnings = Tally()
        let spares = try ComponentName.allCases.map { try cluster.spare($0) }
        for process in (cluster.all + spares).map(\.process) {
            for status in process.ownEnds { findings.note("\(process.name) ended by itself: \(status)\n\(process.log.suffix(3_000))") }
            for line in process.log.split(separator: "\n") {
                // That PostgreSQL is away for longer than a request waits is for the operator to know, and our own doing here.
                let isOutage = line.contains("msg=\"the database cannot be ")
                if line.contains("level=warning") || isOutage { warnings.add(message(of: line)) }
                let isBad = line.contains("level=error") || line.contains("level=critical") || line.contains("Fatal error")
                if isBad && !isOutage { findings.note("\(process.name) says: \(line.prefix(1_000))") }
            }
        }
        return warnings
    }

    /// The text of a line, without what it is about.
    private func message(of line: Substring) -> String {
        guard let start = line.range(of: "msg=") else { return String(line.prefix(80)) }
        let rest = line[start.upperBound...]
        let text = rest.hasPrefix("\"") ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != " " }
        return String(text.prefix(100))
    }
}
