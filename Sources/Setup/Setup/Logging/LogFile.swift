import Foundation
import Synchronization

/// A log file that begins anew each day, and when it has grown large; the last of the earlier ones are kept.
final class LogFile: Sendable {
    private static let largest = 256 * 1024 * 1024
    private static let kept = 30

    private struct State {
        var descriptor: Int32
        var day: Int
        var size: Int
    }

    private let path: String
    private let state: Mutex<State>

    /// Makes the folder if need be.
    init(folder: String, name: String, now: Date = Date()) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure("The folder \(folder) for logs cannot be made: \(error.localizedDescription).")
        }
        path = "\(folder)/\(name).log"
        let opened = Self.open(path)
        guard opened.descriptor >= 0 else {
            throw CommandFailure("The log \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        state = Mutex(State(descriptor: opened.descriptor, day: Self.day(of: opened.changed ?? now), size: opened.size))
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    func write(_ line: String, at time: Date) {
        state.withLock { state in
            if state.day != Self.day(of: time) || state.size > Self.largest { rotate(&state, at: time) }
            var line = line
            line.withUTF8 { bytes in
                guard let start = bytes.baseAddress else { return }
                state.size += max(0, Foundation.write(state.descriptor, start, bytes.count))
            }
        }
    }

    /// The day's file gets its day as a suffix, with a number when there is one of that name. When nothing new can be opened,
    /// the old file goes on.
    private func rotate(_ state: inout State, at time: Date) {
        let stamp = Date(timeIntervalSince1970: Double(state.day) * 86_400).formatted(.iso8601.year().month().day())
        var target = "\(path).\(stamp)"
        for number in 1...1_000 where FileManager.default.fileExists(atPath: target) { target = "\(path).\(stamp).\(number)" }
        if state.size > 0 { rename(path, target) }
        state.day = Self.day(of: time)
        let opened = Self.open(path)
        state.size = opened.size
        guard opened.descriptor >= 0 else { return }
        close(state.descriptor)
        state.descriptor = opened.descriptor
        prune()
    }

    private func prune() {
        let file = URL(fileURLWithPath: path)
        let folder = file.deletingLastPathComponent().path
        let earlier = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasPrefix("\(file.lastPathComponent).") }.sorted()
        for name in earlier.dropLast(Self.kept) { unlink("\(folder)/\(name)") }
    }

    private static func open(_ path: String) -> (descriptor: Int32, size: Int, changed: Date?) {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_size > 0 else { return (descriptor, 0, nil) }
        return (descriptor, Int(status.st_size), Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec)))
    }

    /// Days since 1970, UTC.
    private static func day(of time: Date) -> Int { Int(time.timeIntervalSince1970) / 86_400 }
}
