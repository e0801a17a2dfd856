import Foundation
public import Web

extension Monolith {
    /// Where clients and other servers come in.
    public struct Listeners: Sendable {
        public struct Secure: Sendable {
            public var address: ListenAddress
            public var files: TLSFiles
        }

        public var http: ListenAddress
        /// With a certificate only.
        public var https: Secure?

        public init(http: ListenAddress, https: Secure? = nil) {
            self.http = http
            self.https = https
        }

        /// Reads what the command line says.
        public init(http: String, https: String, certificatePath: String?, keyPath: String?) throws {
            self.http = try Self.address(http, "--http-bind-address")
            switch (certificatePath, keyPath) {
            case (nil, nil): break
            case (let certificate?, let key?):
                for (flag, path) in [("--tls-cert", certificate), ("--tls-key", key)]
                where !FileManager.default.isReadableFile(atPath: path) {
                    throw CommandFailure(
                        "\(flag) \(path): this file cannot be read. Make one with generate-keys --tls-cert --tls-key.")
                }
                self.https = Secure(
                    address: try Self.address(https, "--https-bind-address"), files: TLSFiles(certificate: certificate, key: key))
            default: throw CommandFailure("--tls-cert and --tls-key go together: give both, or neither for HTTP alone.")
            }
        }

        private static func address(_ text: String, _ flag: String) throws -> ListenAddress {
            guard let address = try? ListenAddress(text) else {
                throw CommandFailure("\(flag) \(text): write HOST:PORT, or :PORT for every interface.")
            }
            return address
        }
    }
}
