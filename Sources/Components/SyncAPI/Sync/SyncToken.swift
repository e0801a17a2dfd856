import Matrix

/// A place in everything that happened: what `/sync` and `/messages` hand out and take back. Opaque to clients.
struct SyncToken: Sendable, CustomStringConvertible {
    var position: Int64

    init(position: Int64) { self.position = position }

    /// Errors: M_INVALID_PARAM for what was never handed out.
    init(_ text: String, named name: String) throws {
        guard text.hasPrefix("s1_"), let position = Int64(text.dropFirst(3)), position >= 0 else {
            throw MatrixError.invalidParam("\(name) is not a token of this server")
        }
        self.position = position
    }

    var description: String { "s1_\(position)" }
}
