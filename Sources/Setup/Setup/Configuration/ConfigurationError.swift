/// What is wrong with a configuration, all of it at once: for each key its value and the mend.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public struct Problem: Sendable, Equatable {
        /// Empty: the file as a whole.
        public var key: String
        /// As it stands in the file; nil when absent, and never a secret.
        public var value: String?
        public var line: Int?
        public var problem: String
        public var mend: String

        public init(key: String, value: String? = nil, line: Int? = nil, problem: String, mend: String) {
            self.key = key
            self.value = value
            self.line = line
            self.problem = problem
            self.mend = mend
        }
    }

    public var file: String
    public var problems: [Problem]
    /// What is odd besides: a key that was misspelt is unknown here and missing there.
    public var warnings: [String]

    public init(file: String, problems: [Problem], warnings: [String] = []) {
        self.file = file
        self.problems = problems
        self.warnings = warnings
    }

    public var description: String {
        (problems.map(describe) + warnings.map { "\(file): note: \($0)" }).joined(separator: "\n")
    }

    private func describe(_ problem: Problem) -> String {
        let place = problem.line.map { "\(file), line \($0)" } ?? file
        let subject = problem.value.map { "\(problem.key) is \($0)" } ?? problem.key
        return "\(place)\(subject.isEmpty ? "" : ": \(subject):") \(problem.problem).\n    \(problem.mend)."
    }
}
