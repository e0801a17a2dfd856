/// The eight servers, by the names that operators give them on the command line.
public enum ComponentName: String, Sendable, CaseIterable, Comparable {
    case appservice, clientapi, federationapi, keyserver, mediaapi, roomserver, syncapi, userapi

    /// All of them, for someone who named another.
    public static let list = allCases.map(\.rawValue).joined(separator: ", ")

    /// The component's section of the configuration file.
    public var section: String {
        switch self {
        case .appservice: "app_service_api"
        case .clientapi: "client_api"
        case .federationapi: "federation_api"
        case .keyserver: "key_server"
        case .mediaapi: "media_api"
        case .roomserver: "room_server"
        case .syncapi: "sync_api"
        case .userapi: "user_api"
        }
    }

    /// Where the section names the component's database; clientapi has none.
    var databaseKey: String? {
        switch self {
        case .clientapi: nil
        case .userapi: "user_api.account_database"
        default: "\(section).database"
        }
    }

    /// The port of `internal_api` when the file names none.
    var internalPort: Int {
        switch self {
        case .roomserver: 7770
        case .clientapi: 7771
        case .federationapi: 7772
        case .syncapi: 7773
        case .mediaapi: 7774
        case .appservice: 7777
        case .keyserver: 7779
        case .userapi: 7781
        }
    }

    /// The port of `external_api` when the file names none; only what nginx speaks to has one.
    var externalPort: Int? {
        switch self {
        case .clientapi: 8071
        case .federationapi: 8072
        case .syncapi: 8073
        case .mediaapi: 8074
        case .appservice, .keyserver, .roomserver, .userapi: nil
        }
    }

    /// Whether it signs with the server's private key.
    var signs: Bool { self == .roomserver || self == .federationapi }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What the configuration is read for, which decides what must be in it.
public enum ConfigurationMode: Sendable, Equatable {
    case monolith
    /// One component as a process of its own; the addresses that the command line gives replace those of the file.
    case polylith(ComponentName, internalListen: String? = nil, externalListen: String? = nil)
    /// A tool wants a few values: nothing need fit together.
    case tool

    /// The components that run in this process.
    public var components: [ComponentName] {
        switch self {
        case .monolith: ComponentName.allCases
        case .polylith(let component, _, _): [component]
        case .tool: []
        }
    }
}
