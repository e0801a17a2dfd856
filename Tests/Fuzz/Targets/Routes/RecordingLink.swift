import InternalAPI
import Matrix
import Synchronization

/// Passes calls on, and keeps one of each kind as it would be sent to another process: what mutation of internal calls begins with.
final class RecordingLink: Link {
    private let link: any Link
    private let calls = Mutex<[String: [[UInt8]]]>([:])

    init(_ link: any Link) { self.link = link }

    func call<C: Call>(_ call: C) async throws -> C.Reply {
        calls.withLock { calls in
            guard calls[C.path, default: []].count < 3, let bytes = try? JSONCoder.encode(call) else { return }
            calls[C.path, default: []].append(bytes)
        }
        return try await link.call(call)
    }

    var recorded: [String: [[UInt8]]] { calls.withLock { $0 } }
}
