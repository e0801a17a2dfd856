/// How long a message waits before it is handed over again.
enum Redelivery {
    /// Longer after each failure, up to half a minute.
    static func delay(failures: Int) -> Duration {
        min(.milliseconds(250) * (1 << min(max(failures - 1, 0), 10)), .seconds(30))
    }
}
