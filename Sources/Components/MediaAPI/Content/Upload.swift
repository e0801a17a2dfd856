import Foundation
import Logging
import Matrix
import SQL
import Web

/// Takes a file in.
/// [POST /_matrix/media/v3/upload](https://spec.matrix.org/v1.19/client-server-api/#post_matrixmediav3upload)
struct Upload: Sendable {
    let config: MediaAPIConfig
    let database: Database
    let files: FileStore
    let logger: Logger

    struct Uploaded: Encodable, Sendable {
        var contentURI: String
        enum CodingKeys: String, CodingKey { case contentURI = "content_uri" }
    }

    func callAsFunction(_ request: Request) async throws -> Uploaded {
        if let length = request.headers["Content-Length"].flatMap({ Int($0) }), length > config.uploadLimit {
            throw MatrixError.tooLarge("The largest upload is \(config.uploadLimit) bytes")
        }
        let contentType = request.headers["Content-Type"] ?? "application/octet-stream"
        let fileName = request.query["filename"]
        for (name, text) in [("Content-Type", contentType), ("filename", fileName ?? "")] where text.utf8.count > 1024 {
            throw MatrixError.invalidParam("\(name) is longer than 1024 bytes")
        }
        let userID = try request.requireCaller().userID
        let stored = try await store(request.bodyStream)
        let media = Media(
            mediaID: UUID().uuidString.replacing("-", with: ""), userID: userID, contentType: contentType, fileName: fileName,
            size: stored.size, hash: stored.hash)
        try await database.transaction { try MediaTable.insert(media, in: $0) }
        return Uploaded(contentURI: "mxc://\(config.serverName)/\(media.mediaID)")
    }

    /// Errors: 503 where the disk does not take it.
    private func store(_ body: BodyStream) async throws -> FileStore.Stored {
        do { return try await files.store(body) } catch let error as FileError {
            logger.error("an upload cannot be stored in base_path", metadata: ["error": "\(error)"])
            throw MatrixError.unavailable("Files cannot be stored at the moment")
        }
    }
}
