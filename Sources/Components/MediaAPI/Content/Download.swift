import Foundation
import Matrix
import SQL
import Web

/// Gives a file out, in a way that a browser cannot be made to run it.
/// [Serving content](https://spec.matrix.org/v1.19/client-server-api/#serving-inline-content)
struct Download: Sendable {
    let config: MediaAPIConfig
    let database: Database
    let files: FileStore

    /// What a browser may show in place.
    private static let inline: Set<String> = [
        "text/css", "text/plain", "text/csv", "application/json", "application/ld+json", "image/jpeg", "image/gif", "image/png",
        "image/apng", "image/webp", "image/avif", "video/mp4", "video/webm", "video/ogg", "video/quicktime", "audio/mp4",
        "audio/webm", "audio/aac", "audio/mpeg", "audio/ogg", "audio/wave", "audio/wav", "audio/x-wav", "audio/x-pn-wav",
        "audio/flac", "audio/x-flac",
    ]

    func callAsFunction(_ request: Request) async throws -> Response {
        let mediaID = try request.parameters["mediaId"]
        guard try request.parameters["serverName"] == config.serverName,
            let media = try await database.read({ try MediaTable.media(mediaID, in: $0) }),
            let file = try await files.open(media.hash)
        else {
            throw MatrixError.notFound("There is no such media here")
        }
        let files = files
        return Response(
            headers: headers(of: media, named: request.parameters.optional("fileName") ?? media.fileName),
            body: .stream(length: Int(media.size)) { writer in
                defer { try? file.close() }
                while let piece = try await files.read(file) { try await writer.write(piece) }
            })
    }

    private func headers(of media: Media, named fileName: String?) -> Headers {
        let type = media.contentType.prefix { $0 != ";" }.lowercased().trimmingCharacters(in: .whitespaces)
        var disposition = Self.inline.contains(type) ? "inline" : "attachment"
        if let fileName { disposition += "; filename*=utf-8''\(percentEncoded(fileName))" }
        return [
            "Content-Type": media.contentType,
            "Content-Disposition": disposition,
            "Content-Security-Policy":
                "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; "
                + "object-src 'self';",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "public, max-age=86400, immutable",
        ]
    }
}
