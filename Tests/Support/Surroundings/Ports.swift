import Foundation
import Synchronization
import TestSupport

/// Ports of loopback for servers that are started again on the same: below those which outgoing connections take.
public enum Ports {
    private static let next = Mutex(Int.random(in: 20_000..<27_000))

    public static func free() throws -> Int {
        for _ in 0..<1_000 {
            let port = next.withLock { next in
                next = next < 32_000 ? next + 1 : 20_000
                return next
            }
            if isFree(port) { return port }
        }
        throw TestFailure("no port is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
