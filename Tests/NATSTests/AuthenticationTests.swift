import Crypto
import Foundation
import TestSupport
import Testing

@testable import NATS

@Suite struct AuthenticationTests {
    private func works(_ server: TestNATS, _ change: (inout NATSOptions) -> Void) async throws {
        let client = try await client(of: [server], change)
        try await within { try await client.ready() }
        try await client.flush()
        await client.close()
    }

    private func isRefused(_ server: TestNATS, _ change: (inout NATSOptions) -> Void) async throws {
        let client = try await client(of: [server], change)
        await #expect(throws: NATSError.self) { try await within { try await client.ready() } }
        await client.close()
    }

    @Test func byUserAndPassword() async throws {
        let server = try await TestNATS.start(.init(configuration: "authorization { user: me, password: \"s3 cret\" }"))
        try await works(server) { $0.authentication = .userPassword(user: "me", password: "s3 cret") }
        try await works(server) { $0.servers = $0.servers.map { address in try? ServerAddress("nats://me:s3%20cret@\(address)") }.compactMap(\.self) }
        try await isRefused(server) { $0.authentication = .userPassword(user: "me", password: "no") }
        try await isRefused(server) { _ in }
    }

    @Test func byToken() async throws {
        let server = try await TestNATS.start(.init(configuration: "authorization { token: abc }"))
        try await works(server) { $0.authentication = .token("abc") }
        try await isRefused(server) { $0.authentication = .token("abd") }
    }

    @Test func byNKey() async throws {
        let key = NKey(kind: .user)
        let server = try await TestNATS.start(.init(configuration: "authorization { users: [{ nkey: \(key.publicKey) }] }"))
        try await works(server) { $0.authentication = .nkey(key) }
        try await isRefused(server) { $0.authentication = .nkey(NKey(kind: .user)) }
    }

    @Test func byCredentialsFile() async throws {
        let operatorKey = NKey(kind: .operator), account = NKey(kind: .account), user = NKey(kind: .user)
        let operatorJWT = try jwt(operatorKey, subject: operatorKey, "\"type\":\"operator\",\"version\":2")
        let limits = "\"limits\":{\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}"
        let accountJWT = try jwt(operatorKey, subject: account, "\"type\":\"account\",\"version\":2,\(limits)")
        let userJWT = try jwt(account, subject: user, "\"type\":\"user\",\"version\":2,\"subs\":-1,\"data\":-1,\"payload\":-1")
        let server = try await TestNATS.start(.init(configuration: """
            operator: "\(operatorJWT)"
            resolver: MEMORY
            resolver_preload: { \(account.publicKey): "\(accountJWT)" }
            """, jetStream: false))
        let file = server.folder.appending(path: "user.creds")
        try """
            -----BEGIN NATS USER JWT-----
            \(userJWT)
            ------END NATS USER JWT------
            -----BEGIN USER NKEY SEED-----
            \(user.seed)
            ------END USER NKEY SEED------
            """.write(to: file, atomically: true, encoding: .utf8)
        try await works(server) { $0.authentication = .credentialsFile(path: file.path) }
        try await isRefused(server) { _ in }
    }

    /// A token as NATS signs them, with an nkey.
    private func jwt(_ issuer: NKey, subject: NKey, _ claims: String) throws -> String {
        let header = Data(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8).base64URL
        let id = UUID().uuidString
        let body = #"{"jti":"\#(id)","iat":1600000000,"iss":"\#(issuer.publicKey)","name":"x","sub":"\#(subject.publicKey)","nats":{\#(claims)}}"#
        let signed = header + "." + Data(body.utf8).base64URL
        return signed + "." + Data(try issuer.sign(Data(signed.utf8))).base64URL
    }

    @Test func overTLS() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try TestCertificates(in: folder)
        let configuration = """
            tls { cert_file: "\(files.certificate)", key_file: "\(files.key)", ca_file: "\(files.authority)", verify: true }
            """
        let server = try await TestNATS.start(.init(configuration: configuration))
        let full = NATSOptions.TLS(authorityFile: files.authority, certificateFile: files.certificate, keyFile: files.key)
        try await works(server) { $0.tls = full }
        try await works(server) {
            $0.tls = full
            $0.servers = $0.servers.map { ServerAddress(host: "localhost", port: $0.port, tls: true) }
        }
        // A certificate of an authority we do not know.
        let client = try await client(of: [server]) { $0.tls = NATSOptions.TLS(certificateFile: files.certificate, keyFile: files.key) }
        await #expect(throws: NATSError.timeout) { try await within(.milliseconds(500)) { try await client.ready() } }
        await client.close()
    }
}
