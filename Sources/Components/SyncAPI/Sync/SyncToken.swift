import Matrix

/// A place in everything that happened: what `/sync` and `/messages` hand out and take back. Opaque to clients.
struct SyncToken: Sendable, CustomStringConvertible {
    var position: Int64
    /// What the client has been told of members, where it loads them lazily.
    var mark: ToldMembers.Mark?

    init(position: Int64, mark: ToldMembers.Mark? = nil) {
        self.position = position
        self.mark = mark
    }

    /// Errors: M_INVALID_PARAM for what was never handed out.
    init(_ text: String, named name: String) throws {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0] == "s1", let position = Int64(parts[1]), position >= 0 else {
            throw MatrixError.invalidParam("\(name) is not a token of this server")
        }
        self.position = position
        guard parts.count == 3 else { return }
        guard let mark = ToldMembers.Mark(String(parts[2])) else {
            throw MatrixError.invalidParam("\(name) is not a token of this server")
        }
        self.mark = mark
    }

    var description: String { mark.map { "s1_\(position)_\($0)" } ?? "s1_\(position)" }
}
