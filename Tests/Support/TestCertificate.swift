import Foundation

/// A self-signed certificate for localhost and 127.0.0.1, for tests alone.
public enum TestCertificate {
    /// Writes certificate and key to a new folder, and takes them away after.
    public static func withFiles<T>(_ body: (_ certificate: String, _ key: String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = (folder.appendingPathComponent("cert.pem").path, folder.appendingPathComponent("key.pem").path)
        try certificate.write(toFile: paths.0, atomically: true, encoding: .utf8)
        try key.write(toFile: paths.1, atomically: true, encoding: .utf8)
        return try await body(paths.0, paths.1)
    }

    public static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUbFrSd7ygCtVeS2nW6snouSWbz2wwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDIzNTUzNVoYDzIxMjYxMDMx
        MjM1NTM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASuhwIw1alx6BLtwCQT3empjFuWBQ4lJ/gdeF6MeWFE0niobhrnsUpH
        s8kf6HF6jON8hK+T0CumFogo8CVQGOw8o28wbTAdBgNVHQ4EFgQU3RFgapH9a/kI
        0z+0c5z9ABqPQiIwHwYDVR0jBBgwFoAU3RFgapH9a/kI0z+0c5z9ABqPQiIwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIhANBOcET61dMkOjCWPATWzKyAvvsHLlo3+HPN63NxAbVuAiAN
        p/t2j/AEEJf/W7gXEHoDwNVZ0M/A/DT28+beNt80rg==
        -----END CERTIFICATE-----
        """

    public static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFV/gnwXAfL09Ao2m
        Eu1E07S1yRPiVB2KBRI+f2Ye4IWhRANCAASuhwIw1alx6BLtwCQT3empjFuWBQ4l
        J/gdeF6MeWFE0niobhrnsUpHs8kf6HF6jON8hK+T0CumFogo8CVQGOw8
        -----END PRIVATE KEY-----
        """
}
