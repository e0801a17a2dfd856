import Foundation

/// Ends a process that takes too long over one input, or that grows beyond every bound within one.
///
/// What counts is processor time, since machines that are busy are slow; and, for what waits for ever, a long time on the wall.
public struct Watchdog: Sendable {
    public static let hangStatus: Int32 = 41
    public static let memoryStatus: Int32 = 42

    let note: InputNote
    let processorSeconds: Double
    let wallSeconds: Double
    let mostBytes: Int

    public init(note: InputNote, processorSeconds: Double = 2, wallSeconds: Double = 60, mostBytes: Int = 4 << 30) {
        self.note = note
        self.processorSeconds = processorSeconds
        self.wallSeconds = wallSeconds
        self.mostBytes = mostBytes
    }

    public func start() {
        let thread = Thread { watch() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    private func watch() {
        var input = -1, processor = 0.0, wall = 0.0
        let parent = getppid()
        while true {
            usleep(200_000)
            if getppid() != parent { _exit(1) }
            if MemoryWatch.residentBytes > mostBytes { _exit(Self.memoryStatus) }
            if note.count != input {
                (input, processor, wall) = (note.count, Self.seconds(CLOCK_PROCESS_CPUTIME_ID), Self.seconds(CLOCK_MONOTONIC))
            } else if input > 0, Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor > processorSeconds
                || Self.seconds(CLOCK_MONOTONIC) - wall > wallSeconds
            {
                _exit(Self.hangStatus)
            }
        }
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
