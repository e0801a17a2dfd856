import Contracts
import InternalAPI
import Matrix

extension UserServer {
    private static let mostRegistrationTokens: Int64 = 10_000

    public func call(_ call: CreateRegistrationToken) async throws -> Done {
        try check(call.token.token, "token", atMost: 64)
        let isNew = try await database.transaction { tx in
            guard try RegistrationTokenTable.count(in: tx) < Self.mostRegistrationTokens else {
                throw MatrixError.forbidden("There are \(Self.mostRegistrationTokens) registration tokens: delete some first")
            }
            return try RegistrationTokenTable.insert(call.token, in: tx)
        }
        guard isNew else { throw MatrixError.invalidParam("This registration token is there already") }
        return Done()
    }

    public func call(_ call: UpdateRegistrationToken) async throws -> RegistrationToken {
        guard !call.token.utf8.contains(0) else { throw unknownToken }
        let changed = try await database.transaction { tx in
            if call.setsUsesAllowed { try RegistrationTokenTable.setUsesAllowed(call.usesAllowed, of: call.token, in: tx) }
            if call.setsExpiry { try RegistrationTokenTable.setExpiry(call.expiresTS, of: call.token, in: tx) }
            return try RegistrationTokenTable.tokens(named: call.token, isValid: nil, in: tx).first
        }
        guard let changed else { throw unknownToken }
        return changed
    }

    public func call(_ call: DeleteRegistrationToken) async throws -> Done {
        guard !call.token.utf8.contains(0),
            try await database.transaction({ try RegistrationTokenTable.delete(call.token, in: $0) })
        else { throw unknownToken }
        return Done()
    }

    public func call(_ call: QueryRegistrationTokens) async throws -> QueryRegistrationTokens.Reply {
        guard call.token?.utf8.contains(0) != true else { return QueryRegistrationTokens.Reply(tokens: []) }
        return QueryRegistrationTokens.Reply(
            tokens: try await database.read { tx in
                try RegistrationTokenTable.tokens(named: call.token, isValid: call.isValid, in: tx)
            })
    }
}

private let unknownToken = MatrixError.notFound("No such registration token")
