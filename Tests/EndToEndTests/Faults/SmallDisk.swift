import Foundation
import TestSupport

/// A file system of a few megabytes, which a test fills; only the administrator of a machine can make one.
final class SmallDisk: Sendable {
    let path: String

    static let isToBeHad: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(megabytes: 1) else { return false }
        disk.remove()
        return true
    }()

    init(megabytes: Int) throws {
        path = TestFolder.fresh()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=0777") == 0 else {
            throw TestFailure("mount \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { remove() }

    /// Takes all the room that is left.
    func fill() throws {
        let ballast = open("\(path)/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard ballast >= 0 else { throw TestFailure("no ballast: \(String(cString: strerror(errno)))") }
        defer { close(ballast) }
        for size in [1 << 20, 4096, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(ballast, bytes, size) == size {}
        }
    }

    func free() throws { try FileManager.default.removeItem(atPath: "\(path)/ballast") }

    func remove() { umount2(path, Int32(MNT_DETACH)) }
}
