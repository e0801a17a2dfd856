import Matrix
import Web

extension Response {
    /// A JSON object.
    static func object(_ object: JSONObject, status: Int = 200) -> Response {
        json(bytes: object.serialized(), status: status)
    }
}
