import Contracts
import InternalAPI
import Matrix

extension UserServer {
    /// How long somebody may take.
    private static let sessionLastsMS: Int64 = 3_600_000
    private static let mostParameterBytes = 64 << 10

    public func call(_ call: StartAuthentication) async throws -> StartAuthentication.Reply {
        guard call.parameters.bytes.count <= Self.mostParameterBytes else { throw MatrixError.tooLarge() }
        let session = Secret.random()
        let sealed = try SealedSession(call).sealed(for: session)
        try await database.transaction { tx in
            try AuthenticationTable.insert(
                sealed, session: Secret.hash(session), lastingMS: Self.sessionLastsMS, in: tx)
        }
        return StartAuthentication.Reply(session: session)
    }

    public func call(_ call: CompleteAuthenticationStage) async throws -> AuthenticationState {
        let hash = Secret.hash(call.session)
        let row = try await database.transaction { tx in
            guard var row = try AuthenticationTable.lockedRow(hash, in: tx) else { throw unknownSession }
            var stages = row.completed.split(separator: " ").map(String.init)
            guard !stages.contains(call.stage) else { return row }
            stages.append(call.stage)
            row.completed = stages.joined(separator: " ")
            row.validation = call.validation ?? row.validation
            row.registrationToken = call.registrationToken ?? row.registrationToken
            try AuthenticationTable.update(row, session: hash, in: tx)
            return row
        }
        return try state(of: row, session: call.session)
    }

    public func call(_ call: QueryAuthentication) async throws -> AuthenticationState {
        let hash = Secret.hash(call.session)
        guard let row = try await database.read({ try AuthenticationTable.row(hash, in: $0) }) else { throw unknownSession }
        return try state(of: row, session: call.session)
    }

    public func call(_ call: EndAuthentication) async throws -> Done {
        let hash = Secret.hash(call.session)
        guard try await database.transaction({ try AuthenticationTable.delete(hash, in: $0) }) else { throw unknownSession }
        return Done()
    }

    private func state(of row: AuthenticationTable.Row, session: String) throws -> AuthenticationState {
        let opened = try SealedSession(opening: row.sealed, of: session)
        return AuthenticationState(
            operation: opened.operation, userID: opened.userID, parameters: opened.parameters,
            completed: row.completed.split(separator: " ").map(String.init), validation: row.validation,
            registrationToken: row.registrationToken)
    }
}

private let unknownSession = MatrixError.unknown("Unknown or expired session", status: 400)
