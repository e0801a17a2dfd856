/// For every endpoint that there is, a request that does something.
enum RouteSeeds {
    /// The public endpoints, filled in, and the internal calls as they were recorded.
    static func all(_ endpoints: [(method: String, path: String)], calls: [String: [[UInt8]]]) -> [[UInt8]] {
        endpoints.flatMap { endpoint -> [[UInt8]] in
            if endpoint.path.hasPrefix("/api/") {
                let bodies = calls[String(endpoint.path.dropFirst(4))] ?? [Array("{}".utf8)]
                return bodies.map { body in
                    var written = WrittenRequest(endpoint.method, endpoint.path, token: nil)
                    written.body = body
                    return written.bytes
                }
            }
            let path = filled(endpoint.path)
            let bodies = bodies(endpoint.method, endpoint.path)
            let query = queries.first { endpoint.path.hasSuffix($0.key) && endpoint.method == "GET" }?.value
            return bodies.map { WrittenRequest(endpoint.method, query.map { "\(path)?\($0)" } ?? path, body: $0).bytes }
        } + stateEvents
    }

    private static let parameters = [
        "roomId": "<room>", "eventId": "<event>", "userId": "<alice>", "eventType": "m.room.message", "stateKey": "s", "txnId": "t",
        "roomAlias": "<alias>", "roomIdOrAlias": "<room>", "deviceId": "D", "keyName": "displayname", "type": "m.x", "kind": "override",
        "ruleId": ".m.rule.master", "filterId": "<filter>", "serverName": World.serverName, "mediaId": "<media>", "fileName": "f.txt",
        "receiptType": "m.read", "relType": "m.thread",
    ]

    private static func filled(_ template: String) -> String {
        template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            if segment.hasPrefix("{") { return parameters[String(segment.dropFirst().dropLast())] ?? "x" }
            return segment.hasPrefix("(") ? String(segment.dropLast().split(separator: "|").last ?? "") : String(segment)
        }.joined(separator: "/")
    }

    static let queries = [
        "/sync": "since=<since>&timeout=5&filter=<filter>&full_state=false&set_presence=online&use_state_after=true",
        "/messages": "from=<since>&dir=b&limit=5&filter={}", "/publicRooms": "limit=2&since=x", "/members": "at=<since>&membership=join",
        "/threads": "include=participated&limit=2&from=<since>", "/relations/{eventId}": "recurse=true&dir=f&limit=2&from=<since>",
        "/register/available": "username=carol", "{stateKey}": "format=event", "/devices": "user_id=<alice>", "/login": "redirectUrl=x",
    ]

    private static func bodies(_ method: String, _ path: String) -> [String] {
        guard method == "PUT" || method == "POST" || method == "DELETE" else { return [""] }
        let found = bodiesByEnding.filter { path.hasSuffix($0.0) }.map(\.1)
        return found.isEmpty ? ["{}"] : found
    }

    private static let passwordAuth =
        #"{"type":"m.login.password","identifier":{"type":"m.id.user","user":"alice"},"password":"wrong","session":"s"}"#
    private static let bodiesByEnding: [(String, String)] = [
        ("/login", #"{"type":"m.login.password","identifier":{"type":"m.id.user","user":"bob"},"password":"a password","device_id":"E","initial_device_display_name":"n"}"#),
        ("/register", #"{"username":"carol","password":"p","auth":{"type":"m.login.dummy"},"device_id":"D","inhibit_login":true}"#),
        ("v1/register", #"{"nonce":"n","username":"u","password":"p","admin":false,"mac":"00","displayname":"d"}"#),
        ("account/password", #"{"new_password":"x","logout_devices":false,"auth":\#(passwordAuth)}"#),
        ("devices/{deviceId}", #"{"display_name":"x","auth":\#(passwordAuth)}"#), ("delete_devices", #"{"devices":["E"],"auth":\#(passwordAuth)}"#),
        ("{keyName}", #"{"displayname":"x","avatar_url":"mxc://a/b"}"#),
        ("pushers/set", #"{"pushkey":"k","kind":"http","app_id":"a","app_display_name":"A","device_display_name":"D","lang":"en","append":true,"data":{"url":"https://p.example/_matrix/push/v1/notify","format":"event_id_only"}}"#),
        ("createRoom", #"{"visibility":"private","preset":"private_chat","name":"n","topic":"t","invite":["<bob>"],"room_version":"11","creation_content":{"m.federate":true},"initial_state":[{"type":"m.x","state_key":"","content":{}}],"is_direct":true,"power_level_content_override":{"users":{"<alice>":100},"ban":50}}"#),
        ("createRoom", "{}"), ("/invite", #"{"user_id":"<bob>","reason":"r"}"#), ("/kick", #"{"user_id":"<bob>","reason":"r"}"#),
        ("/ban", #"{"user_id":"<bob>","reason":"r"}"#), ("/unban", #"{"user_id":"<bob>"}"#), ("/join", #"{"reason":"r","third_party_signed":{}}"#),
        ("{roomIdOrAlias}", #"{"reason":"r"}"#), ("/leave", #"{"reason":"r"}"#), ("/send/{eventType}/{txnId}", #"{"msgtype":"m.text","body":"b","m.relates_to":{"event_id":"<event>","rel_type":"m.thread"}}"#),
        ("/redact/{eventId}/{txnId}", #"{"reason":"r"}"#), ("/redact/{eventId}", #"{"reason":"r"}"#), ("directory/room/{roomAlias}", #"{"room_id":"<room>"}"#),
        ("list/room/{roomId}", #"{"visibility":"public"}"#),
        ("publicRooms", #"{"limit":10,"since":"x","filter":{"generic_search_term":"n","room_types":[null]},"include_all_networks":false}"#),
        ("typing/{userId}", #"{"typing":true,"timeout":1000}"#), ("{receiptType}/{eventId}", #"{"thread_id":"main"}"#),
        ("read_markers", #"{"m.fully_read":"<event>","m.read":"<event>"}"#),
        ("/filter", #"{"event_fields":["content.body"],"event_format":"federation","presence":{"limit":1},"room":{"rooms":["<room>"],"include_leave":true,"timeline":{"limit":1,"types":["m.*"],"lazy_load_members":true},"state":{"not_types":["*"]},"ephemeral":{},"account_data":{}}}"#),
        ("/search", #"{"search_categories":{"room_events":{"search_term":"b","order_by":"rank","keys":["content.body"],"filter":{"limit":2},"event_context":{"before_limit":1,"after_limit":1,"include_profile":true},"include_state":true,"groupings":{"group_by":[{"key":"sender"}]}}}}"#),
        ("account_data/{type}", #"{"a":1}"#), ("/upload", "some text"),
    ]

    /// Events that the server itself reads.
    private static var stateEvents: [[UInt8]] {
        [
            ("m.room.power_levels", #"{"users":{"<alice>":100},"events":{"m.room.name":50},"ban":50,"kick":50,"invite":0,"state_default":50,"users_default":0,"notifications":{"room":50}}"#),
            ("m.room.member/<alice>", #"{"membership":"join","displayname":"d","avatar_url":"u","is_direct":true}"#),
            ("m.room.member/<bob>", #"{"membership":"ban"}"#), ("m.room.join_rules", #"{"join_rule":"restricted","allow":[{"type":"m.room_membership","room_id":"<old>"}]}"#),
            ("m.room.history_visibility", #"{"history_visibility":"joined"}"#), ("m.room.canonical_alias", #"{"alias":"<alias>","alt_aliases":["<alias>"]}"#),
            ("m.room.name", #"{"name":"n"}"#), ("m.room.topic", #"{"topic":"t"}"#), ("m.room.avatar", #"{"url":"mxc://a/b"}"#), ("m.room.server_acl", #"{"allow":["*"],"deny":[]}"#),
            ("m.room.guest_access", #"{"guest_access":"can_join"}"#), ("m.room.third_party_invite/t", #"{"display_name":"d","public_key":"k","public_keys":[{}]}"#),
            ("m.room.tombstone", #"{"body":"b","replacement_room":"!x:y"}"#), ("m.room.create", #"{"room_version":"11"}"#), ("m.room.encryption", #"{"algorithm":"x"}"#),
        ].flatMap { type, body in
            ["<room>", "<old>"].map { WrittenRequest("PUT", "/_matrix/client/v3/rooms/\($0)/state/\(type)", body: body).bytes }
        }
    }
}
