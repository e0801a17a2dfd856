import Matrix

/// Whether what was acknowledged is in the room: once, as it was said, and each user's in the order of saying.
struct Acknowledged {
    let truth: Truth
    let acts: [Ledger.Act]
    let findings: Findings
    /// What happened again by a try that nobody waited for any more: possible only where there is no transaction ID.
    private(set) var late = 0

    init(_ truth: Truth, _ contents: Ledger.Contents, _ findings: Findings) {
        self.truth = truth
        acts = contents.acts.filter { $0.room == truth.room }
        self.findings = findings
    }

    mutating func check() {
        if truth.events.first?["type"]?.string != "m.room.create" { findings.note("\(truth.room) has lost its beginning") }
        if truth.places.count != truth.ids.count {
            findings.note("\(truth.room) has an event twice: \(Truth.difference(Array(Set(truth.ids)), truth.ids))")
        }
        events()
        messages()
        redactions()
        states()
        memberships()
    }

    private func events() {
        var users: [String: String] = [:]
        for act in acts {
            guard let id = act.eventID else { continue }
            if truth.places[id] == nil { findings.note("LOST in \(truth.room): \(act)") }
            if case .state = act.kind { continue }
            if users.updateValue("\(act)", forKey: id) != nil { findings.note("two transactions gave the event \(id), one: \(act)") }
        }
    }

    private func messages() {
        var bodies: [String: Int] = [:], wanted: [String: Ledger.Act] = [:]
        for act in acts { if case .message(let body) = act.kind { wanted[body] = act } }
        let redacted = Set(acts.compactMap { act in if case .redaction(let target) = act.kind { target } else { nil } })
        for event in truth.events where event["type"]?.string == "m.room.message" {
            let id = event["event_id"]?.string ?? ""
            guard let body = event["content"]?["body"]?.string else {
                if !redacted.contains(id) { findings.note("\(id) in \(truth.room) has no content: \(event)") }
                continue
            }
            bodies[body, default: 0] += 1
            guard let act = wanted[body] else {
                findings.note("nobody sent \(event)")
                continue
            }
            if event["sender"]?.string != act.user { findings.note("\(act) is by another: \(event)") }
            if act.isAcknowledged && act.eventID != id { findings.note("DOUBLED in \(truth.room): \(act) is also \(id)") }
            if !act.isAcknowledged && act.unknownTries == 0 { findings.note("was refused, and is there: \(act)") }
        }
        for (body, count) in bodies where count > 1 { findings.note("DOUBLED in \(truth.room): \(body), \(count) times") }
    }

    private func redactions() {
        for act in acts {
            guard case .redaction(let target) = act.kind, act.isAcknowledged, let place = truth.places[target] else { continue }
            if truth.events[place]["content"]?["body"] != nil { findings.note("is not redacted in \(truth.room): \(target)") }
        }
    }

    /// What a user set in a place of the state is there in that order.
    private mutating func states() {
        var wanted: [String: [(value: String, act: Ledger.Act)]] = [:], owned: Set<String> = []
        for act in acts {
            guard case .state(let type, let key, let value, let isOwned) = act.kind else { continue }
            let place = "\(act.user) \(type) \(key)"
            wanted[place, default: []].append((value, act))
            if isOwned { owned.insert(place) }
        }
        var found: [String: [String]] = [:]
        for event in truth.events {
            guard let place = event.place, let sender = event["sender"]?.string,
                let value = (event["content"]?["value"] ?? event["content"]?["topic"])?.string
            else { continue }
            found["\(sender) \(place)", default: []].append(value)
        }
        for (place, wanted) in wanted { compare(place, wanted, found[place] ?? []) }
    }

    private mutating func memberships() {
        var wanted: [String: [(value: String, act: Ledger.Act)]] = [:]
        for act in acts {
            guard case .membership(let membership) = act.kind else { continue }
            wanted[act.user, default: []].append((membership, act))
        }
        for (user, wanted) in wanted {
            var found = truth.events.filter { $0["type"]?.string == "m.room.member" && $0["state_key"]?.string == user }
                .compactMap { $0["content"]?["membership"]?.string }
            // How they came in before it began.
            if found.first == "join" { found.removeFirst() }
            compare("membership of \(user)", wanted, found)
        }
    }

    /// Whether all that was acknowledged is found in its order, and what else is there is explained by tries of unknown fate.
    private mutating func compare(_ place: String, _ wanted: [(value: String, act: Ledger.Act)], _ found: [String]) {
        var rest = found[...]
        for (value, act) in wanted where act.isAcknowledged {
            guard let index = rest.firstIndex(of: value) else {
                return findings.note("LOST or reordered in \(truth.room): \(value) of \(place), \(act); there is: \(found.suffix(30))")
            }
            rest = rest[(index + 1)...]
        }
        let extra = found.count - wanted.count { $0.act.isAcknowledged }
        let unknown = wanted.reduce(0) { $0 + $1.act.unknownTries }
        if extra > unknown { findings.note("DOUBLED in \(truth.room): \(place) has \(extra) more than was acknowledged: \(found.suffix(30))") }
        late += max(0, extra)
    }
}
