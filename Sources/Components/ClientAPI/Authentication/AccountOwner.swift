import Contracts
import Matrix
import Web

/// Whose account a request is about that needs no access token: who has one shows their password, who has none that they
/// read the mail of the account's address.
struct AccountOwner: Sendable {
    var operation: String
    let takesEmail: Bool
    let users: any UserAPI

    enum Outcome {
        case needed(Response)
        case known(userID: String, InteractiveAuthentication.Passed)
    }

    func check(_ request: Request) async throws -> Outcome {
        guard request.caller != nil || takesEmail else { throw MatrixError.missingToken() }
        let caller = request.caller
        let flow: AuthenticationStage = caller.map { $0.isGuest ? .dummy : .password } ?? .email
        let authentication = InteractiveAuthentication(
            operation: operation, userID: caller?.userID, flows: [[flow]], emailPurpose: .owning, users: users)
        switch try await authentication.check(try request.objectOrNothing()) {
        case .needed(let response): return .needed(response)
        case .passed(let passed):
            if let caller { return .known(userID: caller.userID, passed) }
            guard let validation = passed.validation else { throw MatrixError.missingToken() }
            let owner = try await users.call(QueryValidationOwner(sid: validation, purpose: .owning))
            return .known(userID: owner.userID, passed)
        }
    }
}
