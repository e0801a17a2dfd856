import Matrix
import NIOCore
import Synchronization

/// The connections of a listener: bounded in number, and in what is held in memory for those who send or take slowly.
///
/// Where there would be too many, or too much, those go that have kept us waiting the longest. So nobody who opens
/// connections and does nothing with them keeps the others out.
final class Connections: Sendable {
    /// A connection as this table sees it.
    final class Connection: Sendable {
        let channel: any Channel
        /// Since when its client owes us something: a request, the rest of one, or room for more of an answer. In nanoseconds
        /// of a monotonic clock; 0 while we owe it an answer.
        let waitingSince = Atomic<UInt64>(NIODeadline.now().uptimeNanoseconds)

        init(_ channel: any Channel) { self.channel = channel }
    }

    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        /// What is held for a connection, where that is worth counting.
        var held: [ObjectIdentifier: Int] = [:]
        var heldBytes = 0
        /// So many more connections are refused, and so many more times nothing is held, without looking for anybody to give way:
        /// there were too few.
        var refusals = 0, heldRefusals = 0

        mutating func remove(_ id: ObjectIdentifier) {
            open[id] = nil
            heldBytes -= held.removeValue(forKey: id) ?? 0
        }

        /// Removes those of some connections whose clients keep us waiting, who do so for the longest first, until that is enough.
        mutating func giveWay(
            _ ids: [ObjectIdentifier], or refusals: WritableKeyPath<State, Int>, until isEnough: (State) -> Bool
        ) -> [Connection] {
            if self[keyPath: refusals] > 0 {
                self[keyPath: refusals] -= 1
                return []
            }
            var leaving: [Connection] = []
            let waiting = ids.compactMap { id in open[id].map { (id, $0, $0.waitingSince.load(ordering: .relaxed)) } }
                .filter { $0.2 > 0 }.sorted { $0.2 < $1.2 }
            for (id, connection, _) in waiting {
                if isEnough(self) { return leaving }
                remove(id)
                leaving.append(connection)
            }
            if !isEnough(self) { self[keyPath: refusals] = ids.count / Connections.share }
            return leaving
        }
    }

    /// Looking for those who are to give way takes time for each that there is. So this part of them all gives way at once, and
    /// where too few do, as many are refused before anybody is looked for again.
    private static let share = 64

    private static let tooMuch = MatrixError.unavailable("The server has too much to hold at the moment")

    private let mostConnections: Int
    private let mostHeldBytes: Int
    private let state = Mutex(State())

    init(mostConnections: Int, mostHeldBytes: Int) {
        self.mostConnections = max(1, mostConnections)
        self.mostHeldBytes = mostHeldBytes
    }

    var count: Int { state.withLock { $0.open.count } }
    var heldBytes: Int { state.withLock { $0.heldBytes } }

    /// Takes a connection in, others going where need be; nothing where all that are open have requests at work.
    func admit(_ channel: any Channel) -> Connection? {
        let connection = Connection(channel)
        let (leaving, isAdmitted) = state.withLock { state -> ([Connection], Bool) in
            var leaving: [Connection] = []
            let wanted = mostConnections - max(1, mostConnections / Self.share)
            if state.open.count >= mostConnections {
                leaving = state.giveWay(Array(state.open.keys), or: \.refusals) { $0.open.count <= wanted }
            }
            if state.open.count <= wanted { state.refusals = 0 }
            guard state.open.count < mostConnections else { return (leaving, false) }
            state.open[ObjectIdentifier(channel)] = connection
            return (leaving, true)
        }
        for connection in leaving { connection.channel.close(promise: nil) }
        return isAdmitted ? connection : nil
    }

    func remove(_ channel: any Channel) { state.withLock { $0.remove(ObjectIdentifier(channel)) } }

    /// Counts what is held for a connection. Where it is too much in all, those who keep us waiting go, and where that does not
    /// do, 503 is thrown.
    func hold(_ bytes: Int, for channel: any Channel) throws {
        let own = ObjectIdentifier(channel)
        let (leaving, isHeld) = state.withLock { state -> ([Connection], Bool) in
            var leaving: [Connection] = []
            let wanted = mostHeldBytes - mostHeldBytes / Self.share
            if state.heldBytes + bytes > mostHeldBytes {
                leaving = state.giveWay(state.held.keys.filter { $0 != own }, or: \.heldRefusals) { $0.heldBytes + bytes <= wanted }
            }
            if state.heldBytes + bytes <= wanted { state.heldRefusals = 0 }
            guard state.heldBytes + bytes <= mostHeldBytes, state.open[own] != nil else { return (leaving, false) }
            state.heldBytes += bytes
            state.held[own, default: 0] += bytes
            return (leaving, true)
        }
        for connection in leaving { connection.channel.close(promise: nil) }
        if !isHeld { throw Self.tooMuch }
    }

    func release(_ bytes: Int, for channel: any Channel) {
        state.withLock { state in
            guard let held = state.held[ObjectIdentifier(channel)] else { return }
            let released = min(bytes, held)
            state.heldBytes -= released
            state.held[ObjectIdentifier(channel)] = released == held ? nil : held - released
        }
    }
}

/// What one request and its answer hold in memory, given back as a whole.
final class Holding: Sendable {
    /// Less is not worth counting.
    static let counted = 64 << 10

    private let connections: Connections
    private let channel: any Channel
    private let bytes = Atomic(0)

    init(_ connections: Connections, _ channel: any Channel) {
        self.connections = connections
        self.channel = channel
    }

    func hold(_ more: Int) throws {
        try connections.hold(more, for: channel)
        bytes.add(more, ordering: .relaxed)
    }

    func releaseAll() {
        let all = bytes.exchange(0, ordering: .relaxed)
        if all > 0 { connections.release(all, for: channel) }
    }
}
