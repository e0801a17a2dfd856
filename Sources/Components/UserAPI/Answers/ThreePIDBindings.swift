import Contracts
import InternalAPI
import Matrix

extension UserServer {
    public func call(_ call: NoteThreePIDBinding) async throws -> Done {
        var binding = call.binding
        binding.threePID = binding.threePID.canonical
        for (text, name) in [(binding.threePID.medium, "medium"), (binding.threePID.address, "address"), (binding.idServer, "id_server")] {
            try check(text, name, atMost: 512)
        }
        let noted = binding
        try await database.transaction { [config] tx in
            guard call.isBound else { return try ThreePIDBindingTable.delete(noted, of: call.userID, in: tx) }
            guard try AccountTable.lock(call.userID, in: tx) else { throw MatrixError.notFound("No such user") }
            guard try ThreePIDBindingTable.bindings(of: call.userID, in: tx).count < config.mostThreePIDs else {
                throw MatrixError.forbidden("You have \(config.mostThreePIDs) addresses, which is all that one may have")
            }
            try ThreePIDBindingTable.insert(noted, of: call.userID, in: tx)
        }
        return Done()
    }

    public func call(_ call: QueryThreePIDBindings) async throws -> QueryThreePIDBindings.Reply {
        let wanted = call.threePID?.canonical
        let bindings = try await database.read { try ThreePIDBindingTable.bindings(of: call.userID, in: $0) }
        return QueryThreePIDBindings.Reply(bindings: bindings.filter { wanted == nil || $0.threePID == wanted })
    }
}
