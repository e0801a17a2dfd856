import SQL
import Synchronization

/// What is wrong with a process: a database that does not answer.
final class Health: Sendable {
    private let databases = Mutex<[(ComponentName, Database)]>([])

    func watch(_ database: Database?, of component: ComponentName) {
        guard let database else { return }
        databases.withLock { $0.append((component, database)) }
    }

    /// A line for each thing.
    func report() async -> [String] {
        var wrong: [String] = []
        for (component, database) in databases.withLock({ $0 }) {
            do { try await database.read { try $0.run("SELECT 1") } } catch {
                wrong.append("the database of \(component.rawValue) does not answer")
            }
        }
        return wrong
    }
}
