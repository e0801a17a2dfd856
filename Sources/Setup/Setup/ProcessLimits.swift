import Foundation

/// What the operating system lets a process have.
enum ProcessLimits {
    /// Lets this process open as many files, and so connections, as it ever may: the usual limit, 1024, is for shells.
    /// And a file that may not grow is an error to whoever writes it, not the end of the process.
    static func raise() {
        signal(SIGXFSZ, SIG_IGN)
        var limit = files
        guard limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    static var openFiles: Int { Int(clamping: files.rlim_cur) }

    /// How many connections a listener may have so that what else needs files finds some: databases, other components, media.
    static func connections(upTo most: Int) -> Int { max(32, min(most, openFiles - max(128, openFiles / 10))) }

    private static var files: rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }
}
