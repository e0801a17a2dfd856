import SQL
import Synchronization

/// What is wrong with a process: a database that does not answer.
final class Health: Sendable {
    private let databases = Mutex<[(ComponentName, Database)]>([])

    /// Whoever watches over a process seldom waits for longer.
    private static let patience = Duration.seconds(2)

    func watch(_ database: Database?, of component: ComponentName) {
        guard let database else { return }
        databases.withLock { $0.append((component, database)) }
    }

    /// A line for each thing.
    func report() async -> [String] {
        await withTaskGroup(of: ComponentName?.self) { group in
            for (component, database) in databases.withLock({ $0 }) {
                group.addTask { await Self.answers(database) ? nil : component }
            }
            var silent: [ComponentName] = []
            for await case let component? in group { silent.append(component) }
            return silent.sorted().map { "the database of \($0) does not answer" }
        }
    }

    private static func answers(_ database: Database) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await database.read { try $0.run("SELECT 1") }) != nil }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
