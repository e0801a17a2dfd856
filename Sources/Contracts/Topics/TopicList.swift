// Every stream there is, and who listens. Read this file to see who tells what to whom.

/// What happened in rooms. *roomserver → syncapi, federationapi, appservice*. Keyed by room, numbered by the room's
/// output log, from which a listener repairs what it missed: hence a full stream drops the oldest.
extension Topic where Message == OutputEvent {
    public static var outputRoomEvent: Self { Self(name: "OutputRoomEvent", retention: .interest, discard: .old, isLog: true) }
}

/// Account data that was set. *userapi → syncapi*. Keyed by user, numbered by the user's output log.
extension Topic where Message == ClientData {
    public static var outputClientData: Self { Self(name: "OutputClientData", retention: .interest, isLog: true) }
}

/// Who is typing. *clientapi, federationapi → syncapi, federationapi*. Keyed by room.
extension Topic where Message == Typing {
    public static var outputTypingEvent: Self {
        Self(
            name: "OutputTypingEvent", retention: .interest, storage: .memory, maxBytes: 32 << 20, maxAge: .seconds(60),
            discard: .old)
    }
}

/// What was read. *clientapi, federationapi → syncapi, federationapi*. Keyed by room.
extension Topic where Message == Receipt {
    public static var outputReceiptEvent: Self { Self(name: "OutputReceiptEvent", retention: .interest) }
}

/// Who is there. *clientapi, syncapi → syncapi*. Keyed by user. What a full stream drops, or NATS forgets, is told again by the
/// syncapi where a client syncs.
extension Topic where Message == PresenceUpdate {
    public static var outputPresenceEvent: Self {
        Self(
            name: "OutputPresenceEvent", retention: .interest, storage: .memory, maxBytes: 32 << 20, maxAge: .seconds(300),
            discard: .old)
    }
}

extension StreamSpec {
    /// Every topic. A stream is made with all its durables before anything is published to it.
    public static let all: [StreamSpec] = [
        StreamSpec(.outputRoomEvent), StreamSpec(.outputClientData), StreamSpec(.outputTypingEvent),
        StreamSpec(.outputReceiptEvent), StreamSpec(.outputPresenceEvent),
    ]
}

extension Durable {
    public static let syncRoomEvents = Durable(
        name: "SyncAPIRoomServerConsumer", topic: "OutputRoomEvent", component: "syncapi")
    public static let federationRoomEvents = Durable(
        name: "FederationAPIRoomServerConsumer", topic: "OutputRoomEvent", component: "federationapi", patience: .milliseconds(100))
    public static let appserviceRoomEvents = Durable(
        name: "AppserviceRoomserverConsumer", topic: "OutputRoomEvent", component: "appservice", patience: .milliseconds(100))
    public static let syncClientData = Durable(
        name: "SyncAPIAccountDataConsumer", topic: "OutputClientData", component: "syncapi")
    public static let syncTyping = Durable(name: "SyncAPITypingConsumer", topic: "OutputTypingEvent", component: "syncapi")
    public static let syncReceipts = Durable(
        name: "SyncAPIReceiptConsumer", topic: "OutputReceiptEvent", component: "syncapi")
    public static let syncPresence = Durable(
        name: "SyncAPIPresenceConsumer", topic: "OutputPresenceEvent", component: "syncapi")

    /// Every durable consumer.
    public static let all: [Durable] = [
        .syncRoomEvents, .federationRoomEvents, .appserviceRoomEvents, .syncClientData, .syncTyping, .syncReceipts,
        .syncPresence,
    ]
}

/// Subjects of core NATS: wake-ups that may be lost.
public enum Signals {
    /// syncapi → syncapi: the position has risen (``PositionSignal``).
    public static let syncPosition = "SyncPosition"
    /// userapi → everyone: access tokens have ended (``DevicesGone``).
    public static let devicesGone = "DevicesGone"
}
