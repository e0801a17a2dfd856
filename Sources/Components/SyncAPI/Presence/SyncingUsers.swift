import Foundation
import Logging
import ServiceLifecycle
import SQL
import Synchronization
import Topics

/// Whose clients sync at this replica. It tells when that begins, when it ends and when it becomes something else: nothing
/// while it goes on, but once in a while that the replica is alive.
final class SyncingUsers: Service, Sendable {
    typealias State = Presence.State

    /// A client's sync, while it is open.
    struct Visit: Sendable {
        fileprivate var userID: String
        fileprivate var device: String
        /// What was told of the user just now.
        fileprivate(set) var news: State?
    }

    private struct Device {
        var state: State
        var open: Int
        var lastSeen: ContinuousClock.Instant
    }

    private struct User {
        var devices: [String: Device] = [:]
        /// Nil: what others believe is not known.
        var told: State? = .offline
        var state: State { devices.values.map(\.state).max() ?? .offline }
    }

    /// What others know this replica by.
    let replica = UUID().uuidString
    private let users = Mutex<[String: User]>([:])
    /// Nothing can be told at the moment: then no sync waits for it, and it is tried at the next beat.
    private let isUnheard = Atomic(false)
    private let database: Database
    private let bus: any Bus
    private let logger: Logger

    /// How long somebody counts as there after their last sync: longer than a client takes from one to the next.
    static let lingering = Duration.seconds(30)
    private static let beat = Duration.seconds(10)
    /// The devices of a user that count.
    private static let mostDevices = 100

    init(database: Database, bus: any Bus, logger: Logger) {
        self.database = database
        self.bus = bus
        self.logger = logger
    }

    /// A client begins to sync, and says how its user is to be seen; nil where it does not want them to be seen.
    func begin(_ userID: String, device: String?, as state: State) async -> Visit? {
        if state == .offline { return nil }
        var visit = Visit(userID: userID, device: device ?? "", news: nil)
        let update = users.withLock { users -> PresenceUpdate? in
            var user = users[userID] ?? User()
            if user.devices[visit.device] == nil, user.devices.count >= Self.mostDevices { visit.device = "" }
            var device = user.devices[visit.device] ?? Device(state: state, open: 0, lastSeen: .now)
            device.state = state
            device.open += 1
            user.devices[visit.device] = device
            defer { users[userID] = user }
            return isUnheard.load(ordering: .relaxed) ? nil : untold(of: userID, &user)
        }
        if let update, await tell(update) { visit.news = update.state }
        return visit
    }

    /// The sync is over.
    func end(_ visit: Visit?) {
        guard let visit else { return }
        users.withLock { users in
            users[visit.userID]?.devices[visit.device]?.open -= 1
            users[visit.userID]?.devices[visit.device]?.lastSeen = .now
        }
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepTelling() }
            group.addTask { for await _ in self.bus.reconnections { await self.tellAll() } }
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    private func keepTelling() async {
        while (try? await Task.sleep(for: Self.beat)) != nil { await settle() }
    }

    /// Tells what was not told, as who has gone, and that the replica is alive if anybody is there.
    func settle(now: ContinuousClock.Instant = .now) async {
        for update in leaving(now) { _ = await tell(update) }
        guard users.withLock({ !$0.isEmpty }) else { return }
        do {
            let isKnown = try await database.transaction { [replica] in try PresenceSyncsTable.see(replica, in: $0) }
            if !isKnown { await tellAll() }
        } catch {
            if !Task.isCancelled { logger.debug("cannot say that this replica is alive", metadata: ["error": "\(error)"]) }
        }
    }

    private func leaving(_ now: ContinuousClock.Instant) -> [PresenceUpdate] {
        users.withLock { users in
            var updates: [PresenceUpdate] = []
            for (userID, var user) in users {
                user.devices = user.devices.filter { $0.value.open > 0 || now - $0.value.lastSeen < Self.lingering }
                if let update = untold(of: userID, &user) { updates.append(update) }
                users[userID] = user.devices.isEmpty && user.told == .offline ? nil : user
            }
            return updates
        }
    }

    /// Tells everything again, when it may have been forgotten.
    private func tellAll() async {
        let all = users.withLock { users in
            users.compactMap { userID, user in
                user.told.flatMap { $0 == .offline ? nil : PresenceUpdate(userID: userID, state: $0, replica: replica) }
            }
        }
        for update in all { _ = await tell(update) }
    }

    private func untold(of userID: String, _ user: inout User) -> PresenceUpdate? {
        let state = user.state
        guard state != user.told else { return nil }
        user.told = state
        return PresenceUpdate(userID: userID, state: state, replica: replica)
    }

    /// Returns whether it could be told; if not, that is tried again.
    private func tell(_ update: PresenceUpdate) async -> Bool {
        do {
            try await bus.publish(update, to: .outputPresenceEvent, key: update.userID, id: UUID().uuidString)
            isUnheard.store(false, ordering: .relaxed)
            return true
        } catch {
            isUnheard.store(true, ordering: .relaxed)
            if !Task.isCancelled { logger.debug("cannot tell who is there", metadata: ["error": "\(error)"]) }
            users.withLock { $0[update.userID, default: User()].told = nil }
            return false
        }
    }
}
