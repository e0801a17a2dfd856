import Contracts
import Delivery
import InternalAPI
import Matrix
import PushRules
import SQL
import Topics
import Web

extension UserServer {
    public func call(_ call: RegisterAccount) async throws -> RegisterAccount.Reply {
        if let token = call.guestToken { return try await upgrade(token, by: call) }
        let key = (call.key ?? call.device?.accessToken).map(Secret.hash)
        if let before = try await registration(made: key, for: call.localpart, kind: call.kind) {
            return try await answer(before, device: call.device)
        }
        let passwordHash = try await call.password.asyncMap(passwords.hash)
        let device = try call.device.map(checked)
        let requestID = RequestID.current
        let registered = try await database.transaction { [self] tx in
            try insertAccount(call, passwordHash: passwordHash, key: key, device: device, for: requestID, in: tx)
        }
        publisher.nudge(registered.told)
        return RegisterAccount.Reply(
            userID: registered.userID, deviceID: registered.deviceID, expiresInMS: device.flatMap(lifetimeMS))
    }

    public func call(_ call: QueryAccountAvailability) async throws -> Done {
        if let token = call.guestToken {
            _ = try await database.read { try self.guest(withToken: token, named: call.localpart, in: $0) }
            return Done()
        }
        let userID = try Localpart.userID(call.localpart, on: config.serverName, for: .user)
        let isTaken = try await database.read { try AccountTable.exists(userID, in: $0) }
        if isTaken { throw MatrixError.userInUse() }
        return Done()
    }

    /// The user ID that this registration made when it was asked for before; refuses one that is taken by another. Asked
    /// before the password is hashed, which costs more than anything else here.
    private func registration(made key: [UInt8]?, for localpart: String?, kind: AccountKind) async throws -> String? {
        let userID = try localpart.map { try Localpart.userID($0, on: config.serverName, for: kind) }
        return try await database.read { tx in
            if let key, let before = try AccountTable.userID(registeredBy: key, in: tx) { return before }
            if let userID, try AccountTable.exists(userID, in: tx) { throw MatrixError.userInUse() }
            return nil
        }
    }

    func answer(_ userID: String, device: NewDevice?) async throws -> RegisterAccount.Reply {
        let deviceID = try await device.asyncMap { try await logIn($0, as: userID) }
        return RegisterAccount.Reply(userID: userID, deviceID: deviceID, expiresInMS: device.flatMap(lifetimeMS))
    }

    private struct Registered: Sendable {
        var userID: String
        var deviceID: String?
        /// What listeners are to hear of it; nothing where the account was there.
        var told: [OutboxEntry]
    }

    /// An account with all that belongs to it from the beginning, or the one that was registered by the same key meanwhile.
    private func insertAccount(
        _ call: RegisterAccount, passwordHash: String?, key: [UInt8]?, device: NewDevice?, for requestID: String?,
        in tx: Transaction
    ) throws -> Registered {
        func insert(_ localpart: String) throws -> String? {
            let userID = try Localpart.userID(localpart, on: config.serverName, for: call.localpart == nil ? .guest : call.kind)
            let isNew = try AccountTable.insert(
                userID, kind: call.kind, isAdmin: call.isAdmin, passwordHash: passwordHash, key: key, in: tx)
            return isNew ? userID : nil
        }
        var userID: String?
        for localpart in call.localpart.map({ [$0] }) ?? (0..<8).map({ _ in Localpart.random() }) where userID == nil {
            userID = try insert(localpart)
            guard userID == nil, let key, let before = try AccountTable.userID(registeredBy: key, in: tx) else { continue }
            return Registered(userID: before, deviceID: try device.map { try upsert($0, of: before, in: tx).id }, told: [])
        }
        guard let userID else { throw MatrixError.userInUse() }
        try takeProofs(of: call, for: userID, in: tx)
        let profile: JSONObject = call.kind == .guest ? [:] : ["displayname": .string(localpart(of: userID))]
        try ProfileTable.insert(profile, of: userID, in: tx)
        let told = try set(
            ClientData(userID: userID, roomID: nil, type: "m.push_rules", content: try defaultPushRules(for: userID)),
            for: requestID, in: tx)
        return Registered(userID: userID, deviceID: try device.map { try upsert($0, of: userID, in: tx).id }, told: told)
    }

    /// Uses up what let somebody register.
    func takeProofs(of call: RegisterAccount, for userID: String, in tx: Transaction) throws {
        if let token = call.registrationToken, try !RegistrationTokenTable.spend(token, in: tx) {
            throw MatrixError.forbidden("The registration token is good no more")
        }
        try call.validation.map { try bind($0, to: userID, in: tx) }
    }

    /// Gives an account the address that a validation proved.
    private func bind(_ validation: String, to userID: String, in tx: Transaction) throws {
        guard let proved = try ValidationTable.validated(validation, for: .registration, in: tx) else { throw notValidated }
        let isFree = try ThreePIDTable.insert(proved.threePID, of: userID, validatedTS: proved.validatedTS, in: tx)
        guard isFree else { throw MatrixError.threepidInUse("The address belongs to an account") }
    }

    private func localpart(of userID: String) -> String { UserID(userID)?.localpart ?? userID }
}

extension Optional where Wrapped: Sendable {
    func asyncMap<T>(_ transform: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
