import Matrix
import Synchronization

/// Which members clients have been told of that load them lazily, so that they are not told of them with everything the member
/// says. A client shows by its token what it has got; at another replica, or when this is forgotten, it is told again.
/// [Lazy-loading room members](https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members)
final class ToldMembers: Sendable {
    /// The answer that a token came with: whoever has it has all that the chain told up to it.
    struct Mark: Sendable, Hashable {
        /// The replica, as long as it lives.
        var series: UInt32
        /// The answers that follow each other, from one to a client that had nothing.
        var chain: Int64
        var answer: Int64
    }

    /// What a client has been told.
    struct Known: Sendable {
        fileprivate var told: [String: [String: Int64]] = [:]
        fileprivate var answer: Int64 = 0

        func contains(_ userID: String, in roomID: String) -> Bool {
            (told[roomID]?[userID]).map { $0 <= answer } ?? false
        }
    }

    fileprivate struct Chain {
        var userID: String
        /// By room and member, the answer.
        var told: [String: [String: Int64]] = [:]
        var count = 0
        var last: Int64 = 0
        var lastUse: Int64 = 0
    }

    fileprivate struct State {
        var chains: [Int64: Chain] = [:]
        var lastChain: Int64 = 0
        var uses: Int64 = 0
        var count = 0
    }

    private let series = UInt32.random(in: .min ... .max)
    private let state = Mutex(State())
    private let most: Int
    private static let mostChains = 20_000

    /// `most` bounds the members of all clients together.
    init(most: Int = 200_000) { self.most = most }

    /// What a user's client with this mark has been told.
    func known(at mark: Mark?, of userID: String) -> Known {
        guard let mark, mark.series == series else { return Known() }
        return state.withLock { state in
            guard let chain = state.chains[mark.chain], chain.userID == userID else { return Known() }
            return Known(told: chain.told, answer: mark.answer)
        }
    }

    /// Records what the answer after a mark tells. Returns the mark that goes with that answer.
    func record(_ members: [String: Set<String>], after mark: Mark?, of userID: String) -> Mark? {
        if members.allSatisfy(\.value.isEmpty) { return mark }
        return state.withLock { state in
            let (id, old) = state.chain(mark.flatMap { $0.series == series ? $0 : nil }, of: userID)
            var chain = old
            // The client did not get what came after its mark, or it would have a later one.
            if let mark, mark.chain == id, mark.answer < chain.last { chain.forget(after: mark.answer) }
            chain.last += 1
            for (roomID, userIDs) in members {
                for userID in userIDs where chain.told[roomID, default: [:]].updateValue(chain.last, forKey: userID) == nil {
                    chain.count += 1
                }
            }
            state.uses += 1
            chain.lastUse = state.uses
            state.count += chain.count - old.count
            state.chains[id] = chain
            if state.count > most || state.chains.count > Self.mostChains { state.prune() }
            return Mark(series: series, chain: id, answer: chain.last)
        }
    }
}

extension ToldMembers.Chain {
    fileprivate mutating func forget(after answer: Int64) {
        told = told.mapValues { $0.filter { $0.value <= answer } }.filter { !$0.value.isEmpty }
        count = told.values.reduce(0) { $0 + $1.count }
    }
}

extension ToldMembers.State {
    /// The chain of a mark, or a new one.
    fileprivate mutating func chain(_ mark: ToldMembers.Mark?, of userID: String) -> (id: Int64, ToldMembers.Chain) {
        if let mark, let chain = chains[mark.chain], chain.userID == userID { return (mark.chain, chain) }
        lastChain += 1
        return (lastChain, ToldMembers.Chain(userID: userID))
    }

    /// Forgets the half that was not used for longest.
    fileprivate mutating func prune() {
        let uses = chains.values.map(\.lastUse).sorted()
        guard let median = uses.isEmpty ? nil : uses[uses.count / 2] else { return }
        chains = chains.filter { $0.value.lastUse > median }
        count = chains.values.reduce(0) { $0 + $1.count }
    }
}

extension ToldMembers.Mark: LosslessStringConvertible {
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let series = UInt32(parts[0], radix: 36), let chain = Int64(parts[1], radix: 36),
            let answer = Int64(parts[2], radix: 36), chain > 0, answer > 0
        else { return nil }
        self.init(series: series, chain: chain, answer: answer)
    }

    var description: String {
        [String(series, radix: 36), String(chain, radix: 36), String(answer, radix: 36)].joined(separator: "-")
    }
}
