import Matrix

/// The signatures of events.
/// [Signing events](https://spec.matrix.org/v1.19/server-server-api/#signing-events)
extension Event {
    /// The servers whose signatures the event needs.
    /// [Validating signatures](https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events)
    public var requiredSigners: [String] {
        var servers: [String] = []
        func require(_ server: String?) {
            if let server, !servers.contains(server) { servers.append(server) }
        }
        let isThirdPartyInvite = membership == "invite" && content["third_party_invite"] != nil
        if !isThirdPartyInvite { require(senderServer) }
        if version.rules.eventsCarryIDs { require(EventID(eventID)?.server) }
        if version.rules.allowsRestrictedJoins, membership == "join",
            let authorizer = content["join_authorised_via_users_server"]?.string
        {
            require(UserID(authorizer)?.server ?? "")
        }
        return servers
    }

    /// The key IDs under which a server signed.
    public func keyIDs(of server: String) -> [String] { signatures[server]?.object?.keys ?? [] }

    /// Checks every signature that the event needs. `keys` answers with the server's keys that are known.
    public func checkSignatures(keys: (_ server: String) throws -> [VerifyKey]) throws {
        let signatures = signatures
        let text = signedText
        for server in requiredSigners {
            let known = try keys(server).filter { $0.counts(at: originServerTS, version: version) }
            guard let own = signatures[server]?.object, isEverySignatureValid(own, keys: known, text) else {
                throw MatrixError.forbidden("The event has no valid signature of \(server)")
            }
        }
    }

    /// The event with another server's signature added; the ID stays.
    public func signed(with key: SigningKey, as serverName: String) throws -> Event {
        let object = object.addingSignature(key.signature(of: signedText), key: key.id, of: serverName)
        return try Event(parsing: object.serialized(), version: version, eventID: eventID)
    }

    public var signatures: JSONObject {
        (try? JSONDocument(reading: bytes))?.member("signatures")?.object ?? [:]
    }

    private var signedText: [UInt8] {
        guard let document = try? JSONDocument(reading: bytes) else { return [] }
        return EventHash.signed(document, type: type, version: version)
    }
}
