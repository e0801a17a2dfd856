import Matrix
import SQL
import Web

/// Stores filters and finds them again.
/// [Filtering](https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter)
final class Filters: Sendable {
    private let database: Database

    init(database: Database) { self.database = database }

    /// How many a user may store.
    static let most = 1_000

    struct Stored: Encodable, Sendable {
        var filterID: String
        enum CodingKeys: String, CodingKey { case filterID = "filter_id" }
    }

    func define(_ request: Request) async throws -> Stored {
        let userID = try owner(request)
        try request.decode(Filter.self).check()
        let content = try JSON(parsing: request.body).serialized()
        let id = try await database.transaction { tx in
            if let known = try FiltersTable.id(of: content, of: userID, in: tx) { return known }
            guard try !FiltersTable.hasFilters(Self.most, of: userID, in: tx) else {
                throw MatrixError.forbidden("You have stored \(Self.most) filters, which is all that one may store")
            }
            guard let id = try FiltersTable.insert(content, of: userID, in: tx) else {
                throw MatrixError.unknown("the filter was not stored")
            }
            return id
        }
        return Stored(filterID: String(id))
    }

    func get(_ request: Request) async throws -> RawJSON {
        RawJSON(try JSON(parsing: try await stored(try request.parameters["filterId"], of: try owner(request))))
    }

    /// The filter that a query names: JSON, an ID, or nothing.
    func resolve(_ text: String?, of userID: String) async throws -> Filter {
        guard let text, !text.isEmpty else { return Filter() }
        if text.hasPrefix("{") {
            let filter = try JSONCoder.decode(Filter.self, from: Array(text.utf8), .lenient)
            try filter.check()
            return filter
        }
        return try JSONCoder.decode(Filter.self, from: try await stored(text, of: userID), .lenient)
    }

    /// The filter of events that a query holds as JSON.
    static func events(_ text: String?) throws -> EventFilter? {
        guard let text, !text.isEmpty else { return nil }
        return try JSONCoder.decode(EventFilter.self, from: Array(text.utf8), .lenient)
    }

    private func stored(_ id: String, of userID: String) async throws -> [UInt8] {
        let found: [UInt8]? = if let number = Int64(id) {
            try await database.read { try FiltersTable.filter(number, of: userID, in: $0) }
        } else {
            nil
        }
        guard let found else { throw MatrixError.notFound("there is no filter \(id)") }
        return found
    }

    private func owner(_ request: Request) throws -> String {
        let userID = try request.parameters["userId"]
        guard try request.requireCaller().userID == userID else {
            throw MatrixError.forbidden("Filters of another user are not yours to use")
        }
        return userID
    }
}
