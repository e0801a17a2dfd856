import Foundation
import TestSupport
import Testing

/// A private nginx in a folder of its own, on Unix sockets: the routes under test before four upstreams that say who they are.
final class Nginx: Sendable {
    private let folder: Folder
    private let process = Process()

    init(server: String) throws {
        folder = try Folder()
        let upstreams = ["client_api", "sync_api", "federation_api", "media_api"]
        let configuration = """
            daemon off;
            worker_processes 1;
            pid \(folder.path)/pid;
            error_log \(folder.path)/error.log;
            \(geteuid() == 0 ? "user root;" : "")
            events { worker_connections 512; }
            http {
                access_log off;
                \(["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n"))
                default_type text/plain;
                \(upstreams.map { "upstream \($0) { server unix:\(folder.path)/\($0); keepalive 4; }" }.joined(separator: "\n"))
                \(upstreams.map { "server { listen unix:\(folder.path)/\($0); return 200 \"\($0) $request_uri\"; }" }.joined(separator: "\n"))
                server {
                    listen unix:\(folder.path)/front;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    \(server)
                    location / { return 404 "nobody"; }
                }
            }
            """
        let path = try folder.write(configuration, to: "nginx.conf")
        process.executableURL = URL(fileURLWithPath: try Self.program())
        process.arguments = ["-p", folder.path, "-c", path, "-e", "\(folder.path)/error.log"]
        try process.run()
        try awaitReady()
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    private static func program() throws -> String {
        try #require(
            ["/usr/sbin/nginx", "/usr/bin/nginx"].first(where: FileManager.default.isExecutableFile), "nginx is not installed")
    }

    private func awaitReady() throws {
        for _ in 0..<500 {
            if let descriptor = try? connection() {
                close(descriptor)
                return
            }
            guard process.isRunning else { break }
            usleep(10_000)
        }
        let log = (try? String(contentsOfFile: "\(folder.path)/error.log", encoding: .utf8)) ?? ""
        throw ServerAway(description: "nginx did not start: \(log)")
    }

    struct ServerAway: Error, CustomStringConvertible { var description: String }

    /// Sends a request line as it is, and returns the status and the body.
    func ask(_ method: String, _ target: String) throws -> (status: Int, body: String) {
        let descriptor = try connection()
        defer { close(descriptor) }
        let request = "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        _ = request.withCString { write(descriptor, $0, strlen($0)) }
        var reply: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            reply += buffer[..<count]
        }
        let parts = String(decoding: reply, as: UTF8.self).split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = parts.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, parts.count == 2 ? String(parts[1]) : "")
    }

    private func connection() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(folder.path)/front".utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw ServerAway(description: "cannot connect: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}
