import Matrix
import RoomRules

extension RoomEdit {
    /// The invite that an identity server vouches for, in the name of whoever announced it; nil where the user can come in
    /// without.
    /// [Third-party invites](https://spec.matrix.org/v1.19/client-server-api/#third-party-invites)
    func invite(of user: String, signed: JSONObject) throws -> CheckedDraft? {
        let membership = try state("m.room.member", user)?.membership
        if membership == "join" || membership == "invite" { return nil }
        guard signed["mxid"]?.string == user, let token = signed["token"]?.string, !token.utf8.contains(0),
            let announced = try state("m.room.third_party_invite", token)
        else { throw MatrixError.forbidden("The room knows no such third-party invite of \(user)") }
        guard author.isLocal(announced.sender) else {
            throw MatrixError.forbidden("\(announced.sender), who invited, is of another server")
        }
        var invite: JSONObject = ["signed": .object(signed)]
        invite["display_name"] = announced.content["display_name"]
        return CheckedDraft(
            type: "m.room.member", stateKey: user, sender: announced.sender,
            content: ["membership": "invite", "third_party_invite": .object(invite)])
    }
}
