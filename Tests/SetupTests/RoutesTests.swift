import Foundation
import Setup
import TestSupport
import Testing

/// docs/nginx/matrix-routes.conf in a real nginx, with every endpoint that there is.
@Suite struct RoutesTests {
    private struct Endpoint {
        var method: String
        /// In each version that it is served in.
        var paths: [String]
        var upstream: String
    }

    private static let upstreams = [
        "clientapi": "client_api", "syncapi": "sync_api", "federationapi": "federation_api", "mediaapi": "media_api",
    ]

    private func endpoints() throws -> [Endpoint] {
        try String(contentsOfFile: "\(repository)/Tests/Vectors/routes.csv", encoding: .utf8).split(separator: "\n").dropFirst()
            .map { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                let versions = cells[2].split(separator: " ").map {
                    cells[1].replacing(/\/(?:v[0-9]+)\//, with: "/\($0)/", maxReplacements: 1)
                }
                return Endpoint(method: cells[0], paths: [cells[1]] + versions, upstream: try #require(Self.upstreams[cells[3]]))
            }
    }

    /// What stands for a `{parameter}`, as clients send it.
    private static let values = [
        "plain", "!room:example.org", "%21room%3Aexample.org", "a%2Fmessages", "x%2F..%2Fsync", "%2Fsync",
        "rooms%2Fa%2Fstate%2Fb", "%3Ffrom%3D%2F",
        "%C3%A9%20%0A%25%2541", "@user:[::1]:8448",
    ]

    private func nginx() throws -> Nginx { try Nginx(server: "include \(repository)/docs/nginx/matrix-routes.conf;") }

    @Test func everyEndpointReachesItsComponentWithItsPathUntouched() throws {
        let nginx = try nginx()
        let endpoints = try endpoints()
        #expect(endpoints.count > 190)
        for endpoint in endpoints {
            for template in endpoint.paths {
                for value in template.contains("{") ? Self.values : [""] {
                    for query in ["", "?from=/_matrix/client/v3/sync&a=%2F"] {
                        let target = template.replacing(/\{[^}]*\}/, with: { _ in value }) + query
                        let reply = try nginx.ask(endpoint.method, target)
                        #expect(reply.status == 200, "\(endpoint.method) \(target)")
                        #expect(reply.body == "\(endpoint.upstream) \(target)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("/_matrix/client/v3/rooms/!a:b/state/x/messages", "client_api"),
        ("/_matrix/client/v3/rooms/!a:b/send/m.room.message/sync", "client_api"),
        ("/_matrix/client/v3/rooms/!a:b/state/m.x/..%2F..%2F..%2F..%2F..%2Fb", "client_api"),
        ("/_matrix/client/v3/directory/room/%23a%2Fsync", "client_api"),
        ("/_matrix/client/v3/synchronise", "client_api"),
        ("/_matrix/client/v3/sync/x", "client_api"),
        ("/_matrix/client/v3/user/@a:b/account_data/filter", "client_api"),
        ("/_matrix/client/v3/rooms/!a:b/event/messages", "client_api"),
        ("/_matrix/client/v3/profile/@a:b/sync", "client_api"),
        ("/_matrix/nothing/at/all", "client_api"),
        ("/_synapse/admin/v1/register", "client_api"),
        ("/_dendrite/admin/evacuateRoom/x", "client_api"),
    ])
    func aSegmentIsNotTakenForWhatItIsNot(target: String, upstream: String) throws {
        #expect(try nginx().ask("GET", target).body == "\(upstream) \(target)")
    }

    @Test(arguments: [
        "/", "/metrics", "/api/roomserver/queryLatest", "/_matrix_upstream", "/_matrixx/client/v3/sync",
        "/x/_matrix/client/v3/sync",
    ])
    func whatIsNoneOfMatrixStaysOutside(target: String) throws {
        let reply = try nginx().ask("GET", target)
        #expect(reply.status == 404)
        #expect(reply.body.contains("_api") == false)
    }

    @Test(arguments: ["polylith-sample.conf", "monolith-sample.conf"])
    func theSamplesAreNginxConfigurations(name: String) throws {
        let folder = try Folder()
        let certificate = "\(folder.path)/t.crt", key = "\(folder.path)/t.key"
        _ = try KeyGeneration(tlsCertificate: certificate, tlsKey: key, server: "example.org").run()
        let sample = try String(contentsOfFile: "\(repository)/docs/nginx/\(name)", encoding: .utf8)
            .replacing("/etc/nginx/matrix-routes.conf", with: "\(repository)/docs/nginx/matrix-routes.conf")
            .replacing("/etc/ssl/example.org.crt", with: certificate).replacing("/etc/ssl/example.org.key", with: key)
        let path = try folder.write(
            "pid \(folder.path)/pid;\nevents {}\nhttp {\n access_log off;\n\(sample)\n}\n", to: "nginx.conf")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
        process.arguments = ["-t", "-q", "-p", folder.path, "-e", "\(folder.path)/error.log", "-c", path]
        try process.run()
        process.waitUntilExit()
        let log = try? String(contentsOfFile: "\(folder.path)/error.log", encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(log ?? "")")
    }
}
