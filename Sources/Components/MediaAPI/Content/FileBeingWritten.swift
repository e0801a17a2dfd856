import Crypto
import Foundation

/// What the operating system refused.
struct FileError: Error, CustomStringConvertible {
    var operation: String
    var code: Int32
    var description: String { "\(operation): \(String(cString: strerror(code)))" }
}

/// A file on its way to disk, and the hash of what it has so far.
///
/// `@unchecked Sendable`: only the task that stores the file uses it, one piece after another.
final class FileBeingWritten: @unchecked Sendable {
    private var descriptor: Int32
    private var hash = SHA256()
    private var size: Int64 = 0

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError(operation: "create", code: errno) }
    }

    deinit { close() }

    func append(_ piece: [UInt8]) throws {
        hash.update(data: piece)
        size += Int64(piece.count)
        var rest = piece[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw FileError(operation: "write", code: written < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(written)
        }
    }

    func finish() throws -> FileStore.Stored {
        guard fsync(descriptor) == 0 else { throw FileError(operation: "fsync", code: errno) }
        close()
        let digits = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return FileStore.Stored(hash: digits.joined(), size: size)
    }

    private func close() {
        guard descriptor >= 0 else { return }
        Foundation.close(descriptor)
        descriptor = -1
    }
}
