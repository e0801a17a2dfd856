import Logging
import ServiceLifecycle

/// Deletes now and then what is left of uploads whose process was killed.
struct UploadSweep: Service {
    let files: FileStore
    let logger: Logger

    /// An upload on which nothing arrives ends by itself long before.
    private static let age = Duration.seconds(2 * 3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let deleted = try await files.deleteAbandonedUploads(olderThan: Self.age)
                    if deleted > 0 { logger.info("deleted what was left of uploads", metadata: ["files": "\(deleted)"]) }
                } catch {
                    logger.warning("cannot delete what is left of uploads", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(Double.random(in: 1500...2100)))
            }
        }
    }
}
