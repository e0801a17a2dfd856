import Glibc

/// Holds a database file for this process: a second process, or a second component, on the same file is refused.
///
/// The lock is the open file's (`flock`), so that it goes with the process however it ends.
final class SQLiteFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        // Made before SQLite makes it, so that what is in it is its owner's alone; its companions have the same mode.
        let database = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard database >= 0 else {
            throw DatabaseError.misconfigured("cannot open the database file “\(path)”: \(String(cString: strerror(errno)))")
        }
        Glibc.close(database)
        let lock = Glibc.open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw DatabaseError.misconfigured("cannot open “\(path).lock”: \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(lock)
            throw DatabaseError.misconfigured("the database file “\(path)” is in use by another process or component")
        }
        descriptor = lock
    }

    deinit {
        // Closing alone leaves it to a child of this process that has not begun its own program yet.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
