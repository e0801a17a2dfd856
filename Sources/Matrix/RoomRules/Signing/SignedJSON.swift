import Matrix

/// [Signing JSON](https://spec.matrix.org/v1.19/appendices/#signing-json): what is not an event.
extension SigningKey {
    /// The object with our signature added to those it has.
    public func sign(_ object: JSONObject, as serverName: String) throws(JSONError) -> JSONObject {
        let signature = signature(of: try object.signedText())
        return object.addingSignature(signature, key: id, of: serverName)
    }
}

extension JSONObject {
    /// Whether `entity` signed this object: with at least one of these keys, and with every one of these that it names.
    /// [Checking for a signature](https://spec.matrix.org/v1.19/appendices/#checking-for-a-signature)
    public func isSigned(by entity: String, keys: [VerifyKey]) -> Bool {
        guard let signatures = self["signatures"]?[entity]?.object, let text = try? signedText() else { return false }
        return isEverySignatureValid(signatures, keys: keys, text)
    }

    func addingSignature(_ signature: String, key: String, of entity: String) -> JSONObject {
        var signatures = self["signatures"]?.object ?? [:]
        var own = signatures[entity]?.object ?? [:]
        own[key] = .string(signature)
        signatures[entity] = .object(own)
        var object = self
        object["signatures"] = .object(signatures)
        return object
    }

    fileprivate func signedText() throws(JSONError) -> [UInt8] {
        try keeping(.except(["signatures", "unsigned"])).canonical()
    }
}

/// Whether at least one of these keys signed, and none of them wrongly. Keys that are not known do not count.
func isEverySignatureValid(_ signatures: JSONObject, keys: [VerifyKey], _ text: [UInt8]) -> Bool {
    let known = keys.filter { $0.id.hasPrefix("ed25519:") && signatures.contains($0.id) }
    return !known.isEmpty && known.allSatisfy { key in signatures[key.id]?.string.map { key.verifies($0, of: text) } ?? false }
}
