import Web

extension SyncAPI {
    /// What the syncapi serves of the client-server API, in the order of the specification.
    public var endpoints: [Endpoint] {
        [
            // Filtering
            .post("/_matrix/client/(r0|v3)/user/{userId}/filter", .user, limit: .small) { try await filters.define($0) },
            .get("/_matrix/client/(r0|v3)/user/{userId}/filter/{filterId}", .user) { try await filters.get($0) },
            // Syncing
            .get("/_matrix/client/(r0|v3)/sync", .guest) { try await sync($0) }.parks { notifier.close() },
            .get("/_matrix/client/(r0|v3)/events", .guest) { try await eventStream($0) }.parks { notifier.close() },
            .get("/_matrix/client/(r0|v3)/initialSync", .user) { try await initialSync($0) },
            // Getting events for a room
            .get("/_matrix/client/(r0|v3)/rooms/{roomId}/initialSync", .guest) { try await roomInitialSync($0) },
            .get("/_matrix/client/(r0|v3)/rooms/{roomId}/messages", .guest) { try await messages($0) },
            // Event relationships
            .get("/_matrix/client/(v1|unstable)/rooms/{roomId}/relations/{eventId}", .guest) { try await relations($0) },
            .get("/_matrix/client/(v1|unstable)/rooms/{roomId}/relations/{eventId}/{relType}", .guest) {
                try await relations($0)
            },
            .get("/_matrix/client/(v1|unstable)/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}", .guest) {
                try await relations($0)
            },
            // Server-side search
            .post("/_matrix/client/(r0|v3)/search", .user, limit: .small) { try await search($0) },
            // Threads
            .get("/_matrix/client/v1/rooms/{roomId}/threads", .guest) { try await threads($0) },
            .get("/_matrix/client/v1/rooms/{roomId}/timestamp_to_event", .guest) { try await timestamps($0) },
            .get("/_matrix/client/(r0|v3)/rooms/{roomId}/context/{eventId}", .guest) { try await context($0) },
        ]
    }
}
