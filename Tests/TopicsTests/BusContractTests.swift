import TestSupport
import Testing

@testable import Topics

/// What holds for a bus, whichever it is.
@Suite struct BusContractTests {
    private let events = StreamSpec(name: "Events", retention: .interest)
    private let work = StreamSpec(name: "Work", retention: .workQueue)
    private let one = Durable(name: "One", topic: "Events"), two = Durable(name: "Two", topic: "Events")
    private let worker = Durable(name: "Worker", topic: "Work")
    private let log = StreamSpec(name: "Log", retention: .interest, isLog: true)
    private let reader = Durable(name: "Reader", topic: "Log"), patient = Durable(name: "Patient", topic: "Log", patience: .milliseconds(50))

    private func start(_ form: TestBus) async throws -> RunningBus {
        try await form.start([events, work, log], [one, two, worker, reader, patient])
    }

    private func entries(of key: String, _ numbers: ClosedRange<Int64>) -> [Outgoing] {
        numbers.map { Outgoing(bytes: [1], topic: "Log", key: key, id: "\(key)-\($0)", seq: $0, requestID: nil) }
    }

    private static let oddKeys = [
        "!room:server", "with space", "line\r\nbreak\n", "dots.. .", "*", ">", "", "%41%", "\u{0}", "ünï\u{1F600}",
        String(repeating: "x", count: 255), String(repeating: "é", count: 300), "a/b?c=d", "$JS.ACK", "\u{202E}",
    ]

    @Test(arguments: TestBus.allCases) func identifiersGoRoundUnharmed(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard()
        for key in Self.oddKeys {
            try await bus.publish(bytes: Array(key.utf8), topic: "Events", key: key, id: "id \(key)", seq: 7, requestID: "r \(key)")
        }
        try await consuming(bus, one, { heard.add($0) }) {
            try await eventually { heard.count >= Self.oddKeys.count }
        }
        #expect(Set(heard.all.map(\.key)) == Set(Self.oddKeys))
        for delivered in heard.all {
            #expect(delivered.message == Array(delivered.key.utf8))
            #expect(delivered.id == "id \(delivered.key)" && delivered.requestID == "r \(delivered.key)" && delivered.seq == 7)
        }
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func everyDurableHearsEachKeyInOrder(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus
        let first = Heard(), second = Heard(), one = one, two = two
        try await consuming(bus, one, { first.add($0) }) {
            try await consuming(bus, two, { second.add($0) }) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for key in 0..<10 {
                        group.addTask {
                            for seq in 1...30 as ClosedRange<Int64> {
                                let id = "\(key)-\(seq)"
                                try await bus.publish(bytes: [1], topic: "Events", key: "\(key)", id: id, seq: seq, requestID: nil)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually { first.count >= 300 && second.count >= 300 }
            }
        }
        for heard in [first, second] {
            for key in 0..<10 { #expect(heard.all.filter { $0.key == "\(key)" }.compactMap(\.seq) == Array(1...30)) }
        }
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func everyDurableHearsALogManyMessagesAtATime(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus
        let first = Heard(), second = Heard(), largest = Heard(), reader = reader, patient = patient
        for key in 0..<10 { try await bus.publish(entries(of: "\(key)", 1...10)) }
        try await consumingBatches(bus, reader, { batch in
            batch.forEach(first.add)
            if batch.count > largest.count { batch.forEach(largest.add) }
        }) {
            try await consumingBatches(bus, patient, { $0.forEach(second.add) }) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for key in 0..<10 {
                        group.addTask {
                            for start in stride(from: 11, to: 51, by: 10) as StrideTo<Int64> {
                                try await bus.publish(self.entries(of: "\(key)", start...(start + 9)))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually { first.count >= 500 && second.count >= 500 }
            }
        }
        #expect(largest.count > 1)
        for heard in [first, second] {
            for key in 0..<10 { #expect(heard.all.filter { $0.key == "\(key)" }.compactMap(\.seq) == Array(1...50)) }
        }
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func whatAHandlerOfALogThrowsAtComesAgainBeforeTheNext(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard(), taken = Heard()
        try await bus.publish(entries(of: "k", 1...5))
        try await consumingBatches(bus, reader, { batch in
            batch.forEach(heard.add)
            guard batch.contains(where: { $0.seq == 1 && $0.redeliveries < 2 }) else { return batch.forEach(taken.add) }
            throw Refused()
        }) {
            try await bus.publish(self.entries(of: "k", 6...8))
            try await eventually { taken.count >= 8 }
        }
        #expect(taken.all.compactMap(\.seq) == Array(1...8))
        #expect(heard.all.filter { $0.seq == 1 }.map(\.redeliveries) == [0, 1, 2])
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func aLogsReaderThatEndsLosesNothing(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard(), again = Heard()
        try await bus.publish(entries(of: "k", 1...3))
        try await consumingBatches(bus, reader, { batch in
            batch.forEach(heard.add)
            try await Task.sleep(for: .seconds(3_600))
        }) { try await eventually { heard.count > 0 } }
        try await bus.publish(entries(of: "k", 4...4))
        try await consumingBatches(bus, reader, { $0.forEach(again.add) }) {
            try await eventually { Set(again.all.compactMap(\.seq)).count == 4 }
        }
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func whatAHandlerThrowsAtComesAgainBeforeTheNext(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard()
        for seq in 1...5 as ClosedRange<Int64> { try await bus.publish(bytes: [], topic: "Events", key: "k", id: "\(seq)", seq: seq) }
        try await consuming(bus, one, { delivered in
            heard.add(delivered)
            if delivered.seq == 2, delivered.redeliveries < 2 { throw Refused() }
        }) { try await eventually { heard.count >= 7 } }
        #expect(heard.all.compactMap(\.seq) == [1, 2, 2, 2, 3, 4, 5])
        #expect(heard.all.map(\.redeliveries) == [0, 0, 1, 2, 0, 0, 0])
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func nothingIsLostBetweenEffectAndAcknowledgement(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard(), again = Heard()
        for seq in 1...3 as ClosedRange<Int64> { try await bus.publish(bytes: [], topic: "Events", key: "k", id: "\(seq)", seq: seq) }
        try await consuming(bus, one, { delivered in
            heard.add(delivered)
            if delivered.seq == 2 { try await Task.sleep(for: .seconds(3_600)) }
        }) { try await eventually { heard.count == 2 } }
        try await consuming(bus, one, { again.add($0) }) { try await eventually { again.all.last?.seq == 3 } }
        #expect(pastCursor(again, from: 1) == [2, 3])
        await running.end()
    }

    @Test(arguments: TestBus.lasting) func whatIsKeptOutlivesARestart(_ form: TestBus) async throws {
        let running = try await start(form), heard = Heard(), again = Heard(), other = Heard()
        do {
            let bus = try await running.bus
            for seq in 1...20 as ClosedRange<Int64> {
                try await bus.publish(bytes: [UInt8(seq)], topic: "Events", key: "k", id: "\(seq)", seq: seq)
            }
            try await consuming(bus, one, { delivered in
                if delivered.seq == 11 { throw CancellationError() }
                heard.add(delivered)
            }) { try await eventually { heard.count == 10 } }
        }
        try await running.restart()
        let bus = try await running.bus
        try await consuming(bus, one, { again.add($0) }) { try await eventually { again.all.last?.seq == 20 } }
        try await consuming(bus, two, { other.add($0) }) { try await eventually { other.all.last?.seq == 20 } }
        #expect(pastCursor(again, from: 10) == Array(11...20))
        #expect(other.all.compactMap(\.seq) == Array(1...20))
        #expect(other.all.map(\.message) == (1...20).map { [$0] })
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func aRepeatedMessageIsKnownByItsID(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, heard = Heard()
        for id in ["a", "a", "b", "a"] { try await bus.publish(bytes: Array(id.utf8), topic: "Work", key: "k", id: id, seq: nil) }
        try await bus.publish(bytes: [0], topic: "Work", key: "k", id: "end", seq: nil)
        try await consuming(bus, worker, { heard.add($0) }) { try await eventually { heard.all.last?.id == "end" } }
        #expect(heard.all.map(\.id) == ["a", "b", "end"])
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func replicasShareAWorkQueue(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, other = try await running.another()
        let heard = Heard(), worker = worker
        try await consuming(bus, worker, { heard.add($0) }) {
            try await consuming(other, worker, { heard.add($0) }) {
                for number in 0..<200 {
                    try await bus.publish(bytes: [], topic: "Work", key: "\(number % 20)", id: "\(number)", seq: Int64(number))
                }
                try await eventually { heard.count >= 200 }
            }
        }
        #expect(heard.count == 200 && Set(heard.all.map(\.id)).count == 200)
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func whatIsTooLargeOrUnknownIsRefused(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus
        let largest = Array(repeating: UInt8(1), count: StreamSpec.maxPayload)
        try await bus.publish(bytes: largest, topic: "Work", key: "k", id: "1", seq: nil)
        await #expect(throws: BusError.tooLarge(bytes: largest.count + 1)) {
            try await bus.publish(bytes: largest + [1], topic: "Work", key: "k", id: "2", seq: nil)
        }
        await #expect(throws: BusError.unknownTopic("Nothing")) {
            try await bus.publish(bytes: [], topic: "Nothing", key: "k", id: "2", seq: nil)
        }
        await #expect(throws: BusError.unknownDurable("Nobody")) {
            try await bus.consume(bytesOf: "Work", as: Durable(name: "Nobody", topic: "Work")) { _ in }
        }
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func aFullTopicRefusesOrDropsTheOldest(_ form: TestBus) async throws {
        let new = StreamSpec(name: "New", retention: .interest, maxBytes: 10_000, discard: .new)
        let old = StreamSpec(name: "Old", retention: .interest, maxBytes: 10_000, discard: .old)
        let ofNew = Durable(name: "OfNew", topic: "New"), ofOld = Durable(name: "OfOld", topic: "Old")
        let running = try await form.start([new, old], [ofNew, ofOld]), bus = try await running.bus
        let body = Array(repeating: UInt8(1), count: 2_000)
        @Sendable func publish(_ topic: String, _ seq: Int64) async throws {
            try await bus.publish(bytes: body, topic: topic, key: "k", id: "\(seq)", seq: seq)
        }
        await #expect(throws: BusError.full(topic: "New")) {
            for seq in 1...10 as ClosedRange<Int64> { try await publish("New", seq) }
        }
        for seq in 1...10 as ClosedRange<Int64> { try await publish("Old", seq) }
        let heard = Heard(), kept = Heard()
        try await consuming(bus, ofNew, { heard.add($0) }) { try await eventually { heard.count >= 4 } }
        #expect(heard.all.prefix(4).compactMap(\.seq) == [1, 2, 3, 4])
        try await eventually { (try? await publish("New", 20)) != nil }
        try await consuming(bus, ofOld, { kept.add($0) }) { try await eventually { kept.all.last?.seq == 10 } }
        #expect((kept.all.first?.seq ?? 0) > 5)
        await running.end()
    }

    @Test(arguments: TestBus.allCases) func signalsReachEveryListener(_ form: TestBus) async throws {
        let running = try await start(form), bus = try await running.bus, other = try await running.another()
        var here = bus.signals("Position").makeAsyncIterator(), there = other.signals("Position").makeAsyncIterator()
        // Core NATS: a listener of another connection hears once its server knows of it.
        try await bus.publish(bytes: [], topic: "Events", key: "k", id: "1", seq: nil)
        try await other.publish(bytes: [], topic: "Events", key: "k", id: "2", seq: nil)
        await bus.signal("Position", [1])
        await bus.signal("Else", [2])
        await bus.signal("Position", [3])
        #expect(await here.next() == [1])
        #expect(await here.next() == [3])
        #expect(await there.next() == [1])
        #expect(await there.next() == [3])
        await running.end()
    }

    @Test func aBoundChangesNothingElseOfAStream() {
        #expect(StreamSpec.all.map { $0.bounded(by: .max) } == StreamSpec.all)
        #expect(StreamSpec.all.allSatisfy { $0.bounded(by: 5).maxBytes == 5 })
    }

    @Test func partitionsNeverChange() {
        #expect(["", "a", "!room:example.org", "@alice:example.org"].map(Partition.of) == [5, 4, 7, 5])
        #expect(Partition.count == 8)
        #expect(Wire.token("!a:b") == "IWE6Yg")
        #expect(Wire.token("a") == "YQ")
        #expect(Wire.token("") == "~")
        #expect(Wire.token(String(repeating: "x", count: 256)).count == 44)
    }

    @Test func headersCarryAnyText() {
        for key in Self.oddKeys {
            let header = Wire.header(key)
            #expect(header.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(Wire.text(header) == key)
        }
        for broken in ["%", "%4", "%GG", "%FF"] { #expect(Wire.text(broken) == nil) }
    }
}
