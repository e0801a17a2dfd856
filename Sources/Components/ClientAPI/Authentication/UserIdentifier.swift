import Contracts
import Matrix

/// Who is meant by a request that names its user.
/// [Identifier types](https://spec.matrix.org/v1.19/client-server-api/#identifier-types)
enum UserIdentifier {
    /// The localpart or user ID in `identifier`, or in the older `user`.
    /// The address in `identifier` by which somebody is meant, where it is one.
    static func threePID(in object: JSONObject) throws -> ThreePID? {
        let medium: JSON?
        switch object["identifier"]?["type"]?.string {
        case "m.id.thirdparty": medium = object["identifier"]?["medium"]
        case nil where object["identifier"] == nil: medium = object["medium"]
        default: return nil
        }
        let address = object["identifier"]?["address"] ?? object["address"]
        guard let medium = medium?.string else {
            if object["identifier"] == nil { return nil }
            throw MatrixError.missingParam("Missing identifier.medium")
        }
        guard let address = address?.string else { throw MatrixError.missingParam("Missing identifier.address") }
        return ThreePID(medium: medium, address: address)
    }

    static func user(in object: JSONObject) throws -> String {
        guard let identifier = object["identifier"] else {
            guard let user = object["user"]?.string else { throw MatrixError.missingParam("Missing identifier") }
            return user
        }
        guard let type = identifier["type"]?.string else { throw MatrixError.missingParam("Missing identifier.type") }
        guard type == "m.id.user" else { throw MatrixError.unknown("Unsupported identifier type", status: 400) }
        guard let user = identifier["user"]?.string else { throw MatrixError.missingParam("Missing identifier.user") }
        return user
    }
}
