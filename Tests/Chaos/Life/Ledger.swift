import Matrix
import Synchronization

/// What was acknowledged, and what may have happened besides.
final class Ledger: Sendable {
    /// An event that a user was told of, or one that somebody wanted.
    struct Act: Sendable {
        enum Kind: Sendable, Equatable {
            case message(body: String)
            /// `isOwned`: nobody else sets this place of the state.
            case state(type: String, key: String, value: String, isOwned: Bool)
            case redaction(of: String)
            case membership(String)
        }

        var room: String
        var user: String
        var kind: Kind
        /// Nil where the answer names none.
        var eventID: String?
        /// How many tries before the acknowledged one have an unknown fate: what has no transaction ID may happen again by
        /// each of them, when whoever had it wakes.
        var unknownTries: Int
        var isAcknowledged: Bool
    }

    struct Upload: Sendable {
        var uri: String
        var bytes: [UInt8]
    }

    struct Contents: Sendable {
        var acts: [Act] = []
        var uploads: [Upload] = []
        /// Rooms made during the run: their creator and their name.
        var rooms: [String: (creator: String, name: String)] = [:]
        var tally = Tally()
        var tries = Tally()
    }

    private let contents = Mutex(Contents())

    func record(_ act: Act) {
        contents.withLock { contents in
            contents.acts.append(act)
            let name = switch act.kind {
            case .message: "messages"
            case .state: "state events"
            case .redaction: "redactions"
            case .membership(let membership): "\(membership)s"
            }
            contents.tally.add(act.isAcknowledged ? name : "\(name) refused")
        }
    }

    func record(upload: Upload) {
        contents.withLock {
            $0.uploads.append(upload)
            $0.tally.add("uploads")
        }
    }

    func record(room: String, of creator: String, named name: String) {
        contents.withLock {
            $0.rooms[room] = (creator, name)
            $0.tally.add("rooms")
        }
    }

    func count(_ what: String) { contents.withLock { $0.tally.add(what) } }
    func countTry(_ what: String) { contents.withLock { $0.tries.add(what) } }

    var messages: Int { contents.withLock { $0.tally["messages"] } }
    var all: Contents { contents.withLock { $0 } }
    func anyUpload(_ dice: inout Dice) -> Upload? { dice.pick(contents.withLock { $0.uploads }) }
}
