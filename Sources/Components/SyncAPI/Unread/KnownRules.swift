import PushRules
import SQL
import Synchronization

/// Push rules that were read before, so that they are not read for every event.
final class KnownRules: Sendable {
    private let rules = Mutex<[String: (position: Int64, rules: PushRuleset)]>([:])
    private static let most = 10_000

    /// What was read may have been undone.
    func forget() { rules.withLock { $0 = [:] } }

    /// The rules of members, by user.
    func rules(of members: [PushRulesTable.Member], in tx: Transaction) throws -> [String: PushRuleset] {
        if members.isEmpty { return [:] }
        let positions = Dictionary(members.map { ($0.userID, $0.position) }) { $1 }
        var found = rules.withLock { known in
            positions.reduce(into: [String: PushRuleset]()) { found, member in
                if let one = known[member.key], one.position == member.value { found[member.key] = one.rules }
            }
        }
        let missing = positions.keys.filter { found[$0] == nil }
        let read = try PushRulesTable.rules(of: Array(missing), in: tx)
        rules.withLock { known in
            if known.count + read.count > Self.most { known = [:] }
            for (userID, rules) in read { known[userID] = (positions[userID] ?? 0, rules) }
        }
        found.merge(read) { $1 }
        return found
    }
}
