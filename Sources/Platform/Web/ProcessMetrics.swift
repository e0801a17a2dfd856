import Foundation

/// What the process takes, under the names that Prometheus' own clients use.
enum ProcessMetrics {
    static func text() -> String {
        var spent = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent)
        let cpu = Double(spent.tv_sec) + Double(spent.tv_nsec) / 1e9
        let resident = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))
            .flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
            .map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
        var lines = ["# TYPE process_cpu_seconds_total counter", "process_cpu_seconds_total \(cpu)"]
        if let resident { lines += ["# TYPE process_resident_memory_bytes gauge", "process_resident_memory_bytes \(resident)"] }
        if let descriptors { lines += ["# TYPE process_open_fds gauge", "process_open_fds \(descriptors)"] }
        return lines.joined(separator: "\n") + "\n"
    }
}
