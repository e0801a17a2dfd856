import Foundation
import Matrix
import Testing
import Web

@testable import SyncAPI

extension World {
    /// A request as it reaches a handler.
    func request(
        _ target: String, by user: String = alice, _ parameters: [String: String] = [:], _ query: [String: JSON] = [:],
        isGuest: Bool = false
    ) throws -> Request {
        let query = try query.sorted { $0.key < $1.key }.map { name, value -> String in
            let text = value.string ?? String(decoding: value.serialized(), as: UTF8.self)
            let encoded = try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            return "\(name)=\(encoded)"
        }
        var request = Request(.get, query.isEmpty ? target : "\(target)?\(query.joined(separator: "&"))")
        request.caller = Caller(userID: user, deviceID: "DEVICE", isGuest: isGuest)
        request.parameters = Parameters(parameters)
        return request
    }

    func answer(_ value: some Encodable) throws -> JSON { try JSON(parsing: JSONCoder.encode(value)) }
}
