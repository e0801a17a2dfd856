import Synchronization

/// The addresses at which a component answers, and which of them a call tries first.
///
/// Calls go round; a call that names a room or a user goes to the one that rendezvous hashing picks, everywhere the same.
/// One that could not be reached stands last for a while.
final class Replicas: Sendable {
    private struct State {
        var turn = 0
        var downUntil: [ContinuousClock.Instant?]
        var failures: [Int]
    }
    /// How long one call may take to find out whether a replica is back.
    private static let findingOut = Duration.seconds(4)

    let addresses: [String]
    private let state: Mutex<State>

    init(_ addresses: [String]) {
        self.addresses = addresses
        state = Mutex(
            State(downUntil: Array(repeating: nil, count: addresses.count), failures: Array(repeating: 0, count: addresses.count))
        )
    }

    /// All of them, in the order in which this call tries them.
    func order(for affinity: String?, now: ContinuousClock.Instant = .now) -> [Int] {
        guard addresses.count > 1 else { return Array(addresses.indices) }
        return state.withLock { state in
            let order: [Int]
            if let affinity {
                let weights = addresses.map { Self.weight(affinity, $0) }
                order = addresses.indices.sorted { weights[$0] > weights[$1] }
            } else {
                state.turn = (state.turn + 1) % addresses.count
                order = addresses.indices.map { ($0 + state.turn) % addresses.count }
            }
            let down = order.filter { index in
                guard let until = state.downUntil[index] else { return false }
                guard until <= now else { return true }
                // This call finds out whether it is back; the others do not wait for that.
                if index == order.first { state.downUntil[index] = now + Self.findingOut }
                return false
            }
            return order.filter { !down.contains($0) } + down
        }
    }

    /// From half a second, doubled each time, up to eight.
    func couldNotBeReached(_ index: Int, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.downUntil[index] = now + .milliseconds(500 << min(state.failures[index], 4))
            state.failures[index] = min(state.failures[index] + 1, 8)
        }
    }

    func answered(_ index: Int) {
        state.withLock { state in
            guard state.failures[index] > 0 else { return }
            state.downUntil[index] = nil
            state.failures[index] = 0
        }
    }

    /// FNV-1a with a final mix: the same in every process, which Swift's own hashing is not.
    private static func weight(_ key: String, _ address: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for byte in address.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }
}
