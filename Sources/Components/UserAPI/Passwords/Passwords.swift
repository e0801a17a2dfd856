import Matrix

/// Hashes and checks passwords, away from everything else.
struct Passwords: Sendable {
    let cost: Int
    private let threads = PasswordThreads()
    /// Longer ones are refused, as Dendrite and Synapse do.
    static let longest = 512

    init(cost: Int) { self.cost = cost }

    func hash(_ password: String) async throws -> String {
        guard !password.isEmpty else { throw MatrixError.weakPassword("The password is empty") }
        guard password.utf8.count <= Self.longest else { throw MatrixError.invalidParam("The password is too long") }
        return try await threads.run { [cost] in try Bcrypt.hash(password, cost: cost) }
    }

    /// Takes as long where there is no hash to check against.
    func verify(_ password: String, against hash: String?) async throws -> Bool {
        guard password.utf8.count <= Self.longest else { return false }
        return try await threads.run { [cost] in
            let matches = try Bcrypt.verify(password, against: hash ?? Bcrypt.ofNobody(cost: cost))
            return matches && hash != nil
        }
    }
}
