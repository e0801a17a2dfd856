import Contracts
import Matrix
import SQL

extension Roomserver {
    public func call(_ call: SearchUsers) async throws -> SearchUsers.Reply {
        let limit = min(max(call.limit, 1), 100), words = Words.searched(call.term)
        return try await storage.read { tx in
            var found = try PeopleTable.search(words, for: call.userID, limit: limit + 1, tx)
            let isLimited = found.count > limit
            if isLimited { found.removeLast() }
            return SearchUsers.Reply(results: found, limited: isLimited)
        }
    }
}
