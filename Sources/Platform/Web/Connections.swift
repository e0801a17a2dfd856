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

        /// Connections whose client keeps us waiting, the longest first.
        func waiting() -> [(id: ObjectIdentifier, connection: Connection)] {
            open.map { ($0.key, $0.value, $0.value.waitingSince.load(ordering: .relaxed)) }
                .filter { $0.2 > 0 }.sorted { $0.2 < $1.2 }.map { ($0.0, $0.1) }
        }

        mutating func remove(_ id: ObjectIdentifier) {
            open[id] = nil
            heldBytes -= held.removeValue(forKey: id) ?? 0
        }
    }

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
            if state.open.count >= mostConnections {
                // Several at once, so that looking for them is seldom.
                for (id, connection) in state.waiting().prefix(max(1, mostConnections / 64)) {
                    state.remove(id)
                    leaving.append(connection)
                }
            }
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
            if state.heldBytes + bytes > mostHeldBytes {
                for (id, connection) in state.waiting() where id != own && (state.held[id] ?? 0) > 0 {
                    state.remove(id)
                    leaving.append(connection)
                    if state.heldBytes + bytes <= mostHeldBytes { break }
                }
            }
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
