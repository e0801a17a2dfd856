import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_: CreateRegistrationNonce) async throws -> CreateRegistrationNonce.Reply {
        let nonce = Secret.random()
        try await database.transaction { try NonceTable.insert(Secret.hash(nonce), lastingMS: 60_000, in: $0) }
        return CreateRegistrationNonce.Reply(nonce: nonce)
    }

    public func call(_ call: SpendRegistrationNonce) async throws -> Done {
        let wasThere = try await database.transaction { try NonceTable.spend(Secret.hash(call.nonce), in: $0) }
        guard wasThere else { throw MatrixError.unknown("Unrecognised nonce", status: 400) }
        return Done()
    }
}
