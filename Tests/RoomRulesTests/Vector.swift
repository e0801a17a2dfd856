import Foundation
import Matrix
import RoomRules
import Testing

/// The scenarios that stand as data in `Tests/Vectors`.
enum Vectors {
    static func load(_ folder: String) throws -> [(name: String, json: JSON)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(
            at: root.appending(path: "Vectors/\(folder)"), includingPropertiesForKeys: nil
        )
        return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map {
            ($0.deletingPathExtension().lastPathComponent, try JSON(parsing: try [UInt8](Data(contentsOf: $0))))
        }
    }

    /// The room versions in a list such as `["1-5", "12"]`.
    static func versions(_ list: JSON?) -> [RoomVersion] {
        let ranges = (list?.array ?? []).compactMap(\.string).map { range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            return (ends.first ?? 0)...(ends.last ?? 0)
        }
        return RoomVersion.allCases.filter { version in
            ranges.contains { $0.contains(Int(version.rawValue) ?? 0) }
        }
    }
}

/// A room of some version, whose events are written short.
struct ShortRoom {
    let version: RoomVersion

    var roomID: String { version.rules.roomIDIsCreateHash ? "!create" : "!room:a.org" }

    /// The event that a vector's short form stands for.
    func event(_ short: JSON, position: Int64 = 1) throws -> Event {
        let id = short["id"]?.string ?? "$event"
        let type = try #require(short["type"]?.string)
        let isCreate = type == "m.room.create"
        var auth = (short["auth"]?.array ?? []).compactMap(\.string)
        if !isCreate && !version.rules.createEventIsImplied && short["exact"] == nil { auth.append("$create") }

        var json: JSONObject = [
            "type": .string(type),
            "sender": short["sender"] ?? "@nobody:a.org",
            "content": content(short, isCreate: isCreate),
            "origin_server_ts": short["ts"] ?? .integer(position * 1000),
            "depth": short["depth"] ?? .integer(position),
            "prev_events": references((short["prev"]?.array ?? ["$before", "$beside"]).compactMap(\.string)),
            "auth_events": references(auth),
            "hashes": ["sha256": "AAAA"],
            "signatures": short["signatures"] ?? [:],
        ]
        json["state_key"] = short["state_key"]
        if !(isCreate && version.rules.roomIDIsCreateHash) { json["room_id"] = short["room_id"] ?? .string(roomID) }
        if version.rules.eventsCarryIDs { json["event_id"] = .string(id) }
        if !version.rules.redactsInContent { json["redacts"] = short["redacts"] }
        return try Event(parsing: json.serialized(), version: version, eventID: id)
    }

    private func content(_ short: JSON, isCreate: Bool) -> JSON {
        var content = short["content"]?.object ?? [:]
        if isCreate && short["exact"] == nil {
            content["room_version"] = .string(version.rawValue)
            if version.rules.createNamesCreator { content["creator"] = short["sender"] }
        }
        return .object(content)
    }

    private func references(_ ids: [String]) -> JSON {
        .array(ids.map { version.rules.eventsCarryIDs ? [.string($0), ["sha256": "AAAA"]] : .string($0) })
    }
}

/// Why `body` refused, or nil if it did not.
func reasonForRefusal(_ body: () throws -> Void) throws -> String? {
    do {
        try body()
        return nil
    } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" {
        return error.error
    }
}
