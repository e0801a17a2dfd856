import Foundation
import Matrix
import Setup
import Surroundings
import TestSupport

/// A user who does one thing after the other, each until it is acknowledged, and notes what was.
struct Person: Sendable {
    let number: Int
    let client: Client
    let world: World
    /// The inns that this user is in now.
    var inns: Set<String>
    private var dice: Dice
    private var done = 0
    private var sent: [(room: String, eventID: String)] = []
    private var roomsMade = 0

    init(_ number: Int, _ client: Client, in world: World) {
        self.number = number
        self.client = client
        self.world = world
        inns = Set(world.inns.map(\.id))
        dice = Dice(seed: world.seed, of: "person \(number)")
    }

    private var ask: Asking { Asking(world: world, client: client) }

    private enum Deed { case send, setState, wander, upload, download, checkToken, logInAndOut, makeRoom, redact }

    /// Lives until it is over.
    mutating func live() async {
        while !world.over.isSet {
            do { try await act() } catch is CancellationError { return } catch { world.findings.note("\(error)") }
            try? await Task.sleep(for: dice.milliseconds(10...120))
        }
    }

    private mutating func act() async throws {
        done += 1
        let deeds: [(weight: Int, value: Deed)] = [
            (60, .send), (12, .setState), (8, .wander), (3, .upload), (5, .download), (5, .checkToken), (3, .logInAndOut),
            (roomsMade < 4 ? 1 : 0, .makeRoom), (3, .redact),
        ]
        switch dice.pick(weighted: deeds) ?? .send {
        case .send: try await send()
        case .setState: try await setState()
        case .wander: try await wander()
        case .upload: try await upload()
        case .download: try await download()
        case .checkToken: try await checkToken()
        case .logInAndOut: try await Visit(name: "chaos\(number)", world: world).make(&dice)
        case .makeRoom: try await makeRoom()
        case .redact: try await redact()
        }
    }

    /// A room that the user is in.
    private mutating func room() -> String? { dice.pick(world.halls.map(\.id) + inns.sorted()) }

    private mutating func send() async throws {
        guard let room = room() else { return }
        let body = "\(number)-\(done)"
        let path = Client.path(room, "send/m.room.message/t\(body)")
        let content: JSON = ["msgtype": "m.text", "body": .string(body)]
        let outcome = try await ask(.put, path, content, by: &dice)
        let eventID = note(outcome, .message(body: body), in: room)
        guard let eventID else { return }
        if sent.count < 50 { sent.append((room, eventID)) }
        guard dice.percent(5) else { return }
        let again = try await ask(.put, path, content, by: &dice)
        if again.answer.json["event_id"]?.string != eventID {
            world.findings.note("transaction t\(body) of \(client.userID) gave \(eventID) and then \(again.answer)")
        }
        world.ledger.count("transactions repeated")
    }

    private mutating func redact() async throws {
        guard !sent.isEmpty else { return }
        let (room, target) = sent.remove(at: Int.random(in: sent.indices, using: &dice))
        guard world.halls.contains(where: { $0.id == room }) || inns.contains(room) else { return }
        let outcome = try await ask(
            .put, Client.path(room, "redact/\(Client.encoded(target))/r\(number)-\(done)"), ["reason": "chaos"], by: &dice)
        note(outcome, .redaction(of: target), in: room)
    }

    private mutating func setState() async throws {
        guard let hall = dice.pick(world.rooms), let room = hall.owner == number && dice.percent(40) ? hall.id : room() else { return }
        let value = "\(number)-\(done)"
        let isOwner = hall.id == room && hall.owner == number
        let (type, key, field) = isOwner
            ? ("m.room.topic", "", "topic")
            : dice.percent(50) ? ("org.example.status", client.userID, "value") : ("org.example.shared", "", "value")
        let content: JSON = .object([field: .string(value)])
        let outcome = try await ask(.put, Client.path(room, "state/\(type)/\(Client.encoded(key))"), content, by: &dice)
        note(outcome, .state(type: type, key: key, value: value, isOwned: type != "org.example.shared"), in: room)
    }

    private mutating func wander() async throws {
        guard let inn = dice.pick(world.inns.filter { $0.owner != number })?.id else { return }
        let membership = inns.contains(inn) ? "leave" : "join"
        let outcome = try await ask(.post, Client.path(inn, membership), [:], by: &dice)
        note(outcome, .membership(membership), in: inn)
        guard outcome.isDone else { return }
        if membership == "join" { inns.insert(inn) } else { inns.remove(inn) }
    }

    private mutating func makeRoom() async throws {
        roomsMade += 1
        let name = "made by \(number)-\(done)"
        let outcome = try await ask(.post, "/_matrix/client/v3/createRoom", ["name": .string(name)], by: &dice)
        guard outcome.isDone, let room = outcome.answer.json["room_id"]?.string else {
            return world.findings.note("\(client.userID) may make no room: \(outcome.answer)")
        }
        world.ledger.record(room: room, of: client.userID, named: name)
    }

    private mutating func upload() async throws {
        let bytes = dice.bytes(Int.random(in: 1...100_000, using: &dice))
        let outcome = try await ask(.post, "/_matrix/media/v3/upload", bytes: bytes, of: .mediaapi, by: &dice)
        guard outcome.isDone, let uri = outcome.answer.json["content_uri"]?.string else {
            return world.findings.note("\(client.userID) may not upload: \(outcome.answer)")
        }
        world.ledger.record(upload: .init(uri: uri, bytes: bytes))
    }

    private mutating func download() async throws {
        guard let upload = world.ledger.anyUpload(&dice) else { return }
        let path = "/_matrix/client/v1/media/download/\(upload.uri.dropFirst("mxc://".count))"
        let outcome = try await ask(.get, path, of: .mediaapi, by: &dice)
        if !outcome.isDone || outcome.body != upload.bytes {
            world.findings.note("\(upload.uri) of \(upload.bytes.count) bytes came as \(outcome.answer.status), \(outcome.body.count) bytes")
        }
        world.ledger.count("downloads")
    }

    private mutating func checkToken() async throws {
        let outcome = try await ask(.get, "/_matrix/client/v3/account/whoami", by: &dice)
        if !outcome.isDone || outcome.answer.json["user_id"]?.string != client.userID {
            world.findings.note("the token of \(client.userID) was answered with \(outcome.answer)")
        }
        world.ledger.count("tokens asked")
    }

    /// Writes down what became of something, and returns the event.
    @discardableResult
    private func note(_ outcome: Asking.Outcome, _ kind: Ledger.Act.Kind, in room: String) -> String? {
        let eventID = outcome.isDone ? outcome.answer.json["event_id"]?.string : nil
        world.ledger.record(
            .init(
                room: room, user: client.userID, kind: kind, eventID: eventID, unknownTries: outcome.unknownTries,
                isAcknowledged: outcome.isDone))
        // Whom an old try has put out of an inn may be refused there; nobody leaves a hall.
        if !outcome.isDone, outcome.answer.status != 403 || world.halls.contains(where: { $0.id == room }) {
            world.findings.note("\(client.userID), \(kind) in \(room): \(outcome.answer)")
        }
        return eventID
    }
}
