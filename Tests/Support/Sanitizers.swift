import Foundation

/// What a process needs of the environment to run under a sanitizer as the tests do; nothing when they run under none.
public let sanitizerEnvironment = ProcessInfo.processInfo.environment.filter {
    ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
}
