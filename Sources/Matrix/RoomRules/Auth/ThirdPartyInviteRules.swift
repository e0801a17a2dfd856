import Matrix

/// How many pairs of key and signature are tried at most: an event has room for a million.
private let verificationLimit = 256

/// The authorization rules for an invite that an identity server vouches for.
func checkThirdPartyInvite(_ invite: JSON, of target: String, _ event: Event, in state: AuthState) throws {
    try require(state.targetMembership != "ban", "\(target) is banned from the room")
    guard let signed = invite.object?["signed"]?.object else {
        throw MatrixError.forbidden("The third-party invite is not signed")
    }
    guard let user = signed["mxid"]?.string, signed["token"]?.string != nil else {
        throw MatrixError.forbidden("The third-party invite names no user or no token")
    }
    try require(user.hasSameBytes(as: target), "The third-party invite is for somebody else")
    guard let announced = state.thirdPartyInvite else {
        throw MatrixError.forbidden("The room knows no third-party invite with this token")
    }
    try require(announced.sender.hasSameBytes(as: event.sender), "The third-party invite was made by somebody else")
    try require(isSigned(signed, byAnyOf: publicKeys(of: announced)), "The third-party invite has no valid signature")
}

private func publicKeys(of invite: Event) -> [VerifyKey] {
    let listed = (invite.content["public_keys"]?.array ?? []).compactMap { $0.object?["public_key"]?.string }
    let single = invite.content["public_key"]?.string
    return ((single.map { [$0] } ?? []) + listed).compactMap { VerifyKey(id: "", base64: $0) }
}

private func isSigned(_ signed: JSONObject, byAnyOf keys: [VerifyKey]) -> Bool {
    var unsigned = signed
    unsigned["signatures"] = nil
    unsigned["unsigned"] = nil
    guard let servers = signed["signatures"]?.object, let text = try? unsigned.canonical() else { return false }
    let signatures = servers.lazy.flatMap { $0.value.object ?? [:] }.compactMap(\.value.string)
    let pairs = signatures.flatMap { signature in keys.lazy.map { (signature, $0) } }
    return pairs.prefix(verificationLimit).contains { signature, key in key.verifies(signature, of: text) }
}
