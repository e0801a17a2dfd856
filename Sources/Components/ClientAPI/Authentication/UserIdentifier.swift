import Matrix

/// Who is meant by a request that names its user.
/// [Identifier types](https://spec.matrix.org/v1.19/client-server-api/#identifier-types)
enum UserIdentifier {
    /// The localpart or user ID in `identifier`, or in the older `user`.
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
