import Foundation

/// Writes files that must not exist yet, so that no key is ever lost to a second run.
enum NewFile {
    /// Refuses to touch what is there already; `mode` is in force from the file's first moment.
    static func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw CommandFailure(
                errno == EEXIST
                    ? "\(path) exists already and is left as it is. Move it away first, or name another file."
                    : "\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            unlink(path)
            throw CommandFailure("\(path) cannot be written: \(error.localizedDescription).")
        }
    }

    /// Says before anything is written which of `paths` are there already.
    static func refuseExisting(_ paths: [String?]) throws {
        for path in paths.compactMap({ $0 }) where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("\(path) exists already and is left as it is. Move it away first, or name another file.")
        }
    }
}
