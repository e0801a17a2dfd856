import Contracts
import Matrix
import Web

/// Aliases, and the list of published rooms.
/// [Room aliases](https://spec.matrix.org/v1.19/client-server-api/#room-aliases),
/// [Published room directory](https://spec.matrix.org/v1.19/client-server-api/#published-room-directory)
struct Directory: Sendable {
    let serverName: String
    let roomserver: any RoomserverAPI

    func setAlias(_ request: Request) async throws -> Nothing {
        struct Body: Decodable {
            var roomID: String
            enum CodingKeys: String, CodingKey { case roomID = "room_id" }
        }
        let alias = try localAlias(request)
        let roomID = try request.decode(Body.self).roomID
        guard RoomID(roomID) != nil else { throw MatrixError.invalidParam("“\(roomID.prefix(255))” is not a room ID") }
        _ = try await roomserver.call(
            SetRoomAlias(alias: alias, roomID: roomID, userID: try request.requireCaller().userID))
        return Nothing()
    }

    struct Found: Encodable, Sendable {
        var roomID: String
        var servers: [String]
        enum CodingKeys: String, CodingKey {
            case servers
            case roomID = "room_id"
        }
    }

    func alias(_ request: Request) async throws -> Found {
        let found = try await roomserver.call(QueryRoomAlias(alias: try alias(in: request).string))
        return Found(roomID: found.roomID, servers: found.servers)
    }

    func removeAlias(_ request: Request) async throws -> Nothing {
        let caller = try request.requireCaller()
        _ = try await roomserver.call(
            RemoveRoomAlias(alias: try alias(in: request).string, userID: caller.userID, isAdmin: caller.isAdmin))
        return Nothing()
    }

    struct Aliases: Encodable, Sendable { var aliases: [String] }

    func aliases(_ request: Request) async throws -> Aliases {
        let query = QueryRoomAliases(roomID: try request.roomID(), userID: try request.requireCaller().userID)
        return Aliases(aliases: try await roomserver.call(query).aliases)
    }

    private enum Visibility: String, Codable { case `public`, `private` }

    private struct Listing: Codable, Sendable { var visibility: Visibility? }

    func visibility(_ request: Request) async throws -> Response {
        let published = try await roomserver.call(QueryRoomVisibility(roomID: try request.roomID())).published
        return try .json(Listing(visibility: published ? .public : .private))
    }

    func setVisibility(_ request: Request) async throws -> Nothing {
        let caller = try request.requireCaller()
        let wanted = try request.decodeOptional(Listing.self).visibility ?? .public
        _ = try await roomserver.call(
            SetRoomVisibility(
                roomID: try request.roomID(), userID: caller.userID, isAdmin: caller.isAdmin, published: wanted == .public))
        return Nothing()
    }

    /// For application services only.
    func setNetworkVisibility(_ request: Request) async throws -> Nothing {
        guard let appserviceID = try request.requireCaller().appserviceID else { throw MatrixError.forbidden() }
        guard let wanted = try request.decode(Listing.self).visibility else { throw MatrixError.badJSON("Missing visibility") }
        let networkID = try request.parameters["networkId"]
        guard networkID.utf8.count <= 255, !networkID.utf8.contains(0) else { throw MatrixError.invalidParam("No network") }
        _ = try await roomserver.call(
            SetNetworkVisibility(
                appserviceID: appserviceID, networkID: networkID, roomID: try request.roomID(), published: wanted == .public))
        return Nothing()
    }

    func publicRooms(_ request: Request) async throws -> QueryPublicRooms.Reply {
        try requireLocal(request)
        return try await roomserver.call(
            QueryPublicRooms(
                searchTerm: nil, roomTypes: nil, limit: try limit(request.query.integer("limit")),
                since: request.query["since"]))
    }

    private struct Search: Decodable {
        struct Filter: Decodable {
            var term: String?
            var roomTypes: [String?]?
            enum CodingKeys: String, CodingKey {
                case term = "generic_search_term"
                case roomTypes = "room_types"
            }
        }
        var filter: Filter?
        var limit: Int?
        var since: String?
        var includeAllNetworks: Bool?
        /// A network that an application service bridges to.
        var network: String?

        enum CodingKeys: String, CodingKey {
            case filter, limit, since
            case includeAllNetworks = "include_all_networks"
            case network = "third_party_instance_id"
        }
    }

    func searchPublicRooms(_ request: Request) async throws -> QueryPublicRooms.Reply {
        try requireLocal(request)
        let search = try request.decodeOptional(Search.self)
        if search.network != nil, search.includeAllNetworks == true {
            throw MatrixError.invalidParam("One network, or all of them")
        }
        guard search.network.map({ $0.utf8.count <= 512 && !$0.utf8.contains(0) }) ?? true else {
            throw MatrixError.invalidParam("There can be no such network")
        }
        return try await roomserver.call(
            QueryPublicRooms(
                searchTerm: search.filter?.term, roomTypes: search.filter?.roomTypes, limit: try limit(search.limit),
                since: search.since, network: search.network, includesAllNetworks: search.includeAllNetworks))
    }

    private func limit(_ asked: Int?) throws -> Int {
        guard let asked else { return 100 }
        guard asked >= 0 else { throw MatrixError.invalidParam("limit must not be negative") }
        return min(max(asked, 1), 500)
    }

    /// Other servers' lists come by federation.
    private func requireLocal(_ request: Request) throws {
        if let server = request.query["server"], server != serverName {
            throw MatrixError.notFound("The room list of \(server.prefix(255)) cannot be had from here")
        }
    }

    private func alias(in request: Request) throws -> RoomAlias {
        let text = try request.parameters["roomAlias"]
        guard let alias = RoomAlias(text) else { throw MatrixError.invalidParam("“\(text.prefix(255))” is not a room alias") }
        return alias
    }

    private func localAlias(_ request: Request) throws -> String {
        let alias = try alias(in: request)
        guard alias.server == serverName else { throw MatrixError.invalidParam("An alias of this server ends in :\(serverName)") }
        return alias.string
    }
}
