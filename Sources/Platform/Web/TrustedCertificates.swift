import Foundation

/// Whose word on other servers' certificates is taken.
public enum TrustedCertificates {
    /// A file that is believed instead of the system's certificates; named by `SSL_CERT_FILE`, as OpenSSL and Go have it.
    public static let file = ProcessInfo.processInfo.environment["SSL_CERT_FILE"].flatMap { path in
        FileManager.default.isReadableFile(atPath: path) ? path : nil
    }
}
