import Foundation
import Matrix
import RoomRules
import Web

/// Whether values, each fit by itself, fit together and the machine.
enum ConfigurationChecks {
    static func run(_ values: inout ConfigurationValues, mode: ConfigurationMode) {
        version(&values)
        guard mode != .tool else { return }
        serverName(&values)
        databases(&values, mode: mode)
        files(&values, mode: mode)
        logging(&values)
        captcha(&values)
        proxies(&values)
        Configuration.Email.check(&values)
        Configuration.Turn.check(&values)
        if case .polylith(let component, _, _) = mode { polylith(&values, component) }
    }

    private static func version(_ values: inout ConfigurationValues) {
        if !values.isGiven("version") {
            values.refuse("version", "this key is missing", mend: "Add the line \"version: 2\"")
        } else if values.integer("version") != 2 {
            values.refuse(
                "version", "only version 2 is understood",
                mend: "Bring the file to the layout of dendrite-config.yaml and write version: 2")
        }
    }

    private static func serverName(_ values: inout ConfigurationValues) {
        let name = values.string("global.server_name")
        if name.isEmpty {
            values.refuse(
                "global.server_name", "this key is missing",
                mend: "Write the domain that stands after the colon in your users' IDs")
        } else if !ServerName.isValid(name) {
            values.refuse(
                "global.server_name", "this is no server name",
                mend: "Write a domain or an address, with a port where needed: example.org, 10.0.0.1:8448")
        }
    }

    /// Each component that runs here has a database, and no SQLite file serves two.
    private static func databases(_ values: inout ConfigurationValues, mode: ConfigurationMode) {
        var users: [String: ComponentName] = [:]
        for component in ComponentName.allCases {
            guard let own = component.databaseKey, !values.problems.contains(where: { $0.key == "\(own).connection_string" })
            else { continue }
            guard let settings = DatabaseSettings(component, values) else {
                if mode.components.contains(component) {
                    values.refuse(
                        "\(own).connection_string", "no database is named for \(component.rawValue)",
                        mend: "Write it, or one PostgreSQL database for all components in global.database.connection_string")
                }
                continue
            }
            guard let file = settings.address.absoluteFile else { continue }
            if let other = users[file] {
                let path =
                    values.isGiven("\(own).connection_string") ? "\(own).connection_string" : "global.database.connection_string"
                values.refuse(
                    path, "\(other.rawValue) and \(component.rawValue) cannot share one SQLite file",
                    mend: "Give each component a file of its own (file:\(component.rawValue).db), or use PostgreSQL")
                if path.hasPrefix("global.") { return }
            }
            users[file] = component
        }
    }

    private static func files(_ values: inout ConfigurationValues, mode: ConfigurationMode) {
        if mode.components.contains(where: \.signs) { privateKey(&values) }
        let credentials = values.string("global.jetstream.credentials_path")
        if !credentials.isEmpty, !isFile(credentials) {
            values.refuse(
                "global.jetstream.credentials_path", "there is no such file",
                mend: "Name a file of NATS credentials, or leave the key out")
        }
        for path in values.strings("app_service_api.config_files") where mode.components.contains(.appservice) && !isFile(path) {
            values.refuse("app_service_api.config_files", "there is no file \(path)", mend: "Correct the path or take it out")
        }
    }

    private static func privateKey(_ values: inout ConfigurationValues) {
        let path = values.string("global.private_key")
        let mend = "Make one: generate-keys --private-key \(path)"
        guard isFile(path) else { return values.refuse("global.private_key", "there is no file \(path)", mend: mend) }
        do {
            _ = try values.signingKey()
        } catch let error as SigningKeyError {
            values.refuse(
                "global.private_key", "the file is no Matrix key: \(error)",
                mend: "Restore it from your copy, or move it away and make a new one")
        } catch {
            values.refuse("global.private_key", "the file cannot be read", mend: "Let the user that runs this process read it")
        }
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    private static func logging(_ values: inout ConfigurationValues) {
        for index in 0..<values.count("logging") {
            let path = "logging[\(index)]"
            if !values.isGiven("\(path).type") {
                values.refuse("\(path).type", "this key is missing", mend: "Write std or file")
            } else if values.string("\(path).type") == "file", values.string("\(path).params.path").isEmpty {
                values.refuse("\(path).params.path", "a log of type file needs a folder", mend: "Write one, for example ./logs")
            }
        }
    }

    private static func captcha(_ values: inout ConfigurationValues) {
        let address = values.string("client_api.recaptcha_siteverify_api")
        if !address.isEmpty, URL(string: address).map({ ["http", "https"].contains($0.scheme) && $0.host != nil }) != true {
            values.refuse(
                "client_api.recaptcha_siteverify_api", "this is no http or https URL",
                mend: "Write where answers to captchas are checked, or leave the key out for Google's")
        }
        guard values.boolean("client_api.enable_registration_captcha") else { return }
        for key in ["client_api.recaptcha_public_key", "client_api.recaptcha_private_key"] where values.string(key).isEmpty {
            values.refuse(key, "captchas need this key", mend: "Write the one that you were given by whoever sets the captchas")
        }
    }

    private static func proxies(_ values: inout ConfigurationValues) {
        if let odd = values.strings("sync_api.trusted_proxies").first(where: { AddressRange($0) == nil }) {
            values.refuse(
                "sync_api.trusted_proxies", "\(odd) is no address, nor a range of them",
                mend: "Write addresses, or ranges such as 10.0.0.0/8")
        }
    }

    private static func polylith(_ values: inout ConfigurationValues, _ component: ComponentName) {
        if values.urls("global.jetstream.addresses").isEmpty {
            values.refuse(
                "global.jetstream.addresses", "components in processes of their own need a NATS server between them",
                mend: "Write its address, for example [\"localhost:4222\"], or run dendrite-monolith-server")
        }
        let path = "\(component.section).internal_api.listen"
        guard let listen = values.address(path) else { return }
        if component.externalPort != nil, values.address("\(component.section).external_api.listen") == listen {
            values.refuse(path, "internal and external listener are the same", mend: "Give each a port of its own")
        }
        if !listen.isLoopback, values.string("global.internal_api_token").isEmpty {
            values.warn(
                "\(path): \(listen) can be reached from other machines and global.internal_api_token is empty, so anybody who reaches it may do anything"
            )
        }
    }
}
