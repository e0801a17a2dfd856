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

    /// Keeps a content that arrives in pieces; when this returns, it is on disk. Errors: ``FileError``, and those of the pieces.
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
            try? await onQueue { _ = unlink(temporary) }
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

    /// Deletes what is left of uploads whose process was killed: files on which nothing was written for so long.
    func deleteAbandonedUploads(olderThan age: Duration, now: Date = Date()) async throws -> Int {
        try await onQueue {
            let uploading = "\(folder)/uploading"
            var deleted = 0
            for name in try FileManager.default.contentsOfDirectory(atPath: uploading) {
                var status = stat()
                guard stat("\(uploading)/\(name)", &status) == 0 else { continue }
                let changed = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
                guard now.timeIntervalSince(changed) > Double(age.components.seconds) else { continue }
                if unlink("\(uploading)/\(name)") == 0 { deleted += 1 }
            }
            return deleted
        }
    }

    private func path(of hash: String) -> String {
        "\(folder)/\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))/\(hash.dropFirst(4))"
    }

    private func moveIntoPlace(_ temporary: String, _ hash: String) throws {
        let target = path(of: hash)
        let parent = (target as NSString).deletingLastPathComponent
        for folder in [(parent as NSString).deletingLastPathComponent, parent] {
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw FileError(operation: "mkdir", code: errno) }
        }
        guard rename(temporary, target) == 0 else { throw FileError(operation: "rename", code: errno) }
        try synchronize(folder: parent)
    }

    private func synchronize(folder: String) throws {
        let descriptor = Foundation.open(folder, O_RDONLY)
        guard descriptor >= 0 else { throw FileError(operation: "open", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: "fsync", code: errno) }
    }

    private func onQueue<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
