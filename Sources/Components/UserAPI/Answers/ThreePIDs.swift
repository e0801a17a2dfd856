import Contracts
import InternalAPI
import Mail
import Matrix

extension UserServer {
    /// How long somebody may take to open a link, and then to go on.
    private static let validationLastsMS: Int64 = 86_400_000
    /// So many mails go to one address in an hour, whoever asks.
    private static let mostMailsAnHour: Int64 = 10

    public func call(_ call: RequestEmailValidation) async throws -> RequestEmailValidation.Reply {
        guard let mails else { throw MatrixError.unrecognized() }
        guard let address = EmailAddress(call.email) else { throw MatrixError.invalidParam("This is no e-mail address") }
        let secret = try ClientSecret.hash(call.clientSecret)
        let token = Secret.random()
        let begun = try await begin(call, ThreePID(email: address), secret: secret, token: token)
        guard begun.sendAttempt < call.sendAttempt else { return RequestEmailValidation.Reply(sid: begun.sid) }
        do {
            try await mails.send(call.purpose, to: address, sid: begun.sid, token: token)
        } catch {
            // Whoever asks again with the same attempt is to get a mail.
            try await database.transaction { tx in
                try ValidationTable.unsend(
                    Secret.hash(token), of: begun.sid, attempt: call.sendAttempt, before: begun.sendAttempt, in: tx)
            }
            throw error
        }
        return RequestEmailValidation.Reply(sid: begun.sid)
    }

    private func begin(
        _ call: RequestEmailValidation, _ threePID: ThreePID, secret: [UInt8], token: String
    ) async throws -> ValidationTable.Begun {
        guard (0...Int64(Int32.max)).contains(call.sendAttempt) else { throw MatrixError.invalidParam("send_attempt is no count") }
        let newSID = Secret.random()
        return try await database.transaction { tx in
            let isSomebodys = try ThreePIDTable.owner(of: threePID, in: tx) != nil
            switch call.purpose {
            case .registration, .adding:
                if isSomebodys { throw MatrixError.threepidInUse("The address belongs to an account") }
            case .owning:
                if !isSomebodys { throw MatrixError.threepidNotFound("The address belongs to no account") }
            }
            guard
                let begun = try ValidationTable.begin(
                    threePID, for: call.purpose, secret: secret, newSID: newSID, lastingMS: Self.validationLastsMS, in: tx)
            else { throw MatrixError.unavailable() }
            guard begun.sendAttempt < call.sendAttempt else { return begun }
            guard try ValidationTable.mails(to: threePID, withinMS: 3_600_000, in: tx) < Self.mostMailsAnHour else {
                throw MatrixError.limitExceeded(retryAfterMS: 600_000)
            }
            try ValidationTable.send(
                Secret.hash(token), of: begun.sid, attempt: call.sendAttempt, nextLink: call.nextLink, in: tx)
            return begun
        }
    }

    public func call(_ call: SubmitValidationToken) async throws -> SubmitValidationToken.Reply {
        guard !call.sid.utf8.contains(0) else { throw notValidated }
        let nextLink = try await database.transaction { tx in
            guard
                try ValidationTable.validate(
                    call.sid, by: Secret.hash(call.token), lastingMS: Self.validationLastsMS, in: tx)
            else { throw notValidated }
            return try ValidationTable.nextLink(of: call.sid, in: tx)
        }
        return SubmitValidationToken.Reply(nextLink: nextLink)
    }

    public func call(_ call: QueryValidation) async throws -> ThreePID {
        let secret = try ClientSecret.hash(call.clientSecret)
        guard !call.sid.utf8.contains(0) else { throw notValidated }
        let found = try await database.read { tx in
            try ValidationTable.validated(call.sid, for: call.purpose, secret: secret, in: tx)
        }
        guard let found else { throw notValidated }
        return found.threePID
    }

    public func call(_ call: QueryValidationOwner) async throws -> QueryValidationOwner.Reply {
        guard !call.sid.utf8.contains(0) else { throw notValidated }
        let owner = try await database.read { tx in
            guard let proved = try ValidationTable.validated(call.sid, for: call.purpose, in: tx) else { throw notValidated }
            return try ThreePIDTable.owner(of: proved.threePID, in: tx)
        }
        guard let owner else { throw MatrixError.threepidNotFound("The address belongs to no account") }
        return QueryValidationOwner.Reply(userID: owner)
    }

    public func call(_ call: AddThreePID) async throws -> Done {
        let secret = try ClientSecret.hash(call.clientSecret)
        guard !call.sid.utf8.contains(0) else { throw notValidated }
        try await database.transaction { [config] tx in
            guard try AccountTable.lock(call.userID, in: tx) else { throw MatrixError.notFound("No such user") }
            guard let proved = try ValidationTable.validated(call.sid, for: .adding, secret: secret, in: tx) else {
                throw notValidated
            }
            if try ThreePIDTable.owner(of: proved.threePID, in: tx) == call.userID { return }
            guard try !ThreePIDTable.hasEntries(config.mostThreePIDs, of: call.userID, in: tx) else {
                throw MatrixError.forbidden("You have \(config.mostThreePIDs) addresses, which is all that one may have")
            }
            let isFree = try ThreePIDTable.insert(
                proved.threePID, of: call.userID, validatedTS: proved.validatedTS, in: tx)
            guard isFree else { throw MatrixError.threepidInUse("The address belongs to another account") }
        }
        return Done()
    }

    public func call(_ call: RemoveThreePID) async throws -> Done {
        guard !call.threePID.holdsZero else { return Done() }
        try await database.transaction { try ThreePIDTable.delete(call.threePID.canonical, of: call.userID, in: $0) }
        return Done()
    }

    /// The account that an address belongs to.
    func account(reachedAt threePID: ThreePID) async throws -> AccountTable.Account? {
        guard !threePID.holdsZero else { return nil }
        return try await database.read { tx in
            try ThreePIDTable.owner(of: threePID, in: tx).flatMap { try AccountTable.account($0, in: tx) }
        }
    }

    public func call(_ call: QueryThreePIDs) async throws -> QueryThreePIDs.Reply {
        QueryThreePIDs.Reply(threePIDs: try await database.read { try ThreePIDTable.threePIDs(of: call.userID, in: $0) })
    }
}

let notValidated = MatrixError.threepidAuthFailed("The address has not been confirmed, or too long ago")

extension ThreePID {
    /// Capitals make no other address.
    fileprivate init(email: EmailAddress) {
        self.init(medium: "email", address: "\(email)".lowercased())
    }

    /// Whether a database could not hold it, so that it is nobody's.
    fileprivate var holdsZero: Bool { medium.utf8.contains(0) || address.utf8.contains(0) }

    /// In the form in which it is compared.
    var canonical: ThreePID { medium == "email" ? ThreePID(medium: medium, address: address.lowercased()) : self }
}
