import Matrix

/// Where the next page of a search begins, and of which group.
struct SearchToken: Sendable, Equatable {
    /// Of the newest first: the position at and below which to go on. Of the best first: how many to pass over.
    var place: Int64
    var group: Group?

    /// The results of one room, or of one sender.
    struct Group: Sendable, Equatable {
        var key: SearchRequest.GroupKey
        var value: String
    }

    init(place: Int64, group: Group? = nil) {
        self.place = place
        self.group = group
    }

    /// Errors: M_INVALID_PARAM for what was never handed out.
    init(_ text: String) throws {
        let invalid = MatrixError.invalidParam("next_batch is not a token of this server")
        guard text.utf8.count <= 1024, text.hasPrefix("f1_") else { throw invalid }
        let parts = text.dropFirst(3).split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard let place = parts.first.flatMap({ Int64($0) }), place >= 0 else { throw invalid }
        self.place = place
        if parts.count == 1 { return }
        guard parts.count == 3, let key: SearchRequest.GroupKey = ["r": .room, "s": .sender][parts[1]] else { throw invalid }
        group = Group(key: key, value: String(parts[2]))
    }

    var text: String {
        guard let group else { return "f1_\(place)" }
        return "f1_\(place)_\(group.key == .room ? "r" : "s")_\(group.value)"
    }
}
