import Crypto
import Dispatch
import Foundation

/// Files named by their content, so that the same content is kept once. Disk work is done on threads of its own.
struct FileStore: Sendable {
    private let folder: String
    private let queue = DispatchQueue(label: "media files", attributes: .concurrent)

    /// Errors: the folder cannot be made.
    init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: "\(folder)/uploading", withIntermediateDirectories: true)
    }

    /// What became of a finished upload.
    struct Stored: Sendable {
        var hash: String
        var size: Int64
    }

    /// Keeps a content that arrives in pieces; when this returns, it is on disk.
    func store(_ pieces: some AsyncSequence<[UInt8], any Error>) async throws -> Stored {
        let temporary = "\(folder)/uploading/\(UUID().uuidString)"
        let file = try await onQueue { try FileBeingWritten(path: temporary) }
        do {
            for try await piece in pieces { try await onQueue { try file.append(piece) } }
            return try await onQueue {
                let stored = try file.finish()
                try moveIntoPlace(temporary, stored.hash)
                return stored
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    /// Opens a content for reading; nil where its file is gone.
    func open(_ hash: String) async throws -> FileHandle? {
        try await onQueue { FileHandle(forReadingAtPath: path(of: hash)) }
    }

    /// The next piece of an open file; nil at its end.
    func read(_ file: FileHandle) async throws -> [UInt8]? {
        try await onQueue {
            guard let data = try file.read(upToCount: 64 << 10), !data.isEmpty else { return nil }
            return Array(data)
        }
    }

    private func path(of hash: String) -> String {
        "\(folder)/\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))/\(hash.dropFirst(4))"
    }

    private func moveIntoPlace(_ temporary: String, _ hash: String) throws {
        let target = path(of: hash)
        let parent = (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        guard rename(temporary, target) == 0 else { throw FileError(operation: "rename", path: target, code: errno) }
        try synchronize(folder: parent)
    }

    private func synchronize(folder: String) throws {
        let descriptor = Foundation.open(folder, O_RDONLY)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: "fsync", path: folder, code: errno) }
    }

    private func onQueue<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

/// What the operating system refused.
struct FileError: Error, CustomStringConvertible {
    var operation: String
    var path: String
    var code: Int32
    var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
}

/// A file on its way to disk, and the hash of what it has so far.
///
/// `@unchecked Sendable`: only the task that stores the file uses it, one piece after another.
private final class FileBeingWritten: @unchecked Sendable {
    private let handle: FileHandle
    private var hash = SHA256()
    private var size: Int64 = 0

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw FileError(operation: "create", path: path, code: errno)
        }
        self.handle = handle
    }

    func append(_ piece: [UInt8]) throws {
        hash.update(data: piece)
        size += Int64(piece.count)
        try handle.write(contentsOf: piece)
    }

    func finish() throws -> FileStore.Stored {
        try handle.synchronize()
        try handle.close()
        let digits = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return FileStore.Stored(hash: digits.joined(), size: size)
    }
}
