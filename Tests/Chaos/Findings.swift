import Synchronization

/// What did not hold.
final class Findings: Sendable {
    private static let limit = 100
    private let state = Mutex<(texts: [String], count: Int)>(([], 0))

    /// Notes it, and says it at once.
    func note(_ text: String) {
        let isShown = state.withLock { state in
            state.count += 1
            guard state.texts.count < Self.limit else { return false }
            state.texts.append(text)
            return true
        }
        if isShown { say("FOUND: \(text)") }
    }

    /// Notes what something throws.
    func noting(_ what: String, _ body: () async throws -> Void) async {
        do { try await body() } catch { note("\(what): \(error)") }
    }

    var all: [String] { state.withLock { $0.texts } }
    var count: Int { state.withLock { $0.count } }
}
