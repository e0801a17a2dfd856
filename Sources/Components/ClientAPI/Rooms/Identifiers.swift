import Matrix
import Web

extension Request {
    /// A path parameter that is a room ID. Errors: M_INVALID_PARAM.
    func roomID() throws -> String {
        let text = try parameters["roomId"]
        guard RoomID(text) != nil else { throw MatrixError.invalidParam("“\(text.prefix(255))” is not a room ID") }
        return text
    }

    /// The body as the content of an event: a JSON object. Errors: M_NOT_JSON, M_BAD_JSON.
    func eventContent() throws -> RawJSON {
        let content = try decode(RawJSON.self)
        guard content.object != nil else { throw MatrixError.badJSON("The content of an event is a JSON object") }
        return content
    }

    /// The body, which may be left out altogether.
    func decodeOptional<T: Decodable>(_ type: T.Type) throws -> T {
        try JSONCoder.decode(type, from: body.isEmpty ? Array("{}".utf8) : body, .lenient)
    }
}

/// An event ID from a body or path, of any room version's form. Errors: M_INVALID_PARAM.
func validEventID(_ text: String) throws -> String {
    guard text.hasPrefix("$"), text.utf8.count <= 255, !text.utf8.contains(0) else {
        throw MatrixError.invalidParam("“\(text.prefix(255))” is not an event ID")
    }
    return text
}

/// A user ID from a body or path. Errors: M_INVALID_PARAM.
func validUserID(_ text: String) throws -> String {
    guard UserID(text) != nil else { throw MatrixError.invalidParam("“\(text.prefix(255))” is not a user ID") }
    return text
}
