import Foundation
import Logging
import TestSupport
import Testing

@testable import Setup

@Suite struct LoggingTests {
    @Test func aLineBreakOfSomeoneElsesBeginsNoLineOfOurs() {
        let text = LogLine.text(
            time: Date(timeIntervalSince1970: 0), level: .info, label: "x", message: "a\nlevel=error \"b\"",
            metadata: [("k", "v w"), ("n", "1")], json: false)
        #expect(text == "time=1970-01-01T00:00:00.000Z level=info from=x msg=\"a\\nlevel=error \\\"b\\\"\" k=\"v w\" n=1\n")
    }

    @Test func aJSONLineIsJSON() throws {
        let text = LogLine.text(
            time: Date(timeIntervalSince1970: 1.5), level: .error, label: "x", message: "\u{1}é\\", metadata: [("k\"", "\u{7f}")],
            json: true)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
        #expect(object?["msg"] == "\u{1}é\\")
        #expect(object?["k\""] == "\u{7f}")
        #expect(object?["time"] == "1970-01-01T00:00:01.500Z")
    }

    @Test func aLogBeginsAnewEachDay() throws {
        let folder = try Folder()
        let file = try LogFile(folder: "\(folder.path)/logs", name: "roomserver", now: Date(timeIntervalSince1970: 86_400 * 10))
        file.write("one\n", at: Date(timeIntervalSince1970: 86_400 * 10 + 5))
        file.write("two\n", at: Date(timeIntervalSince1970: 86_400 * 11))
        #expect(try String(contentsOfFile: "\(folder.path)/logs/roomserver.log", encoding: .utf8) == "two\n")
        #expect(try String(contentsOfFile: "\(folder.path)/logs/roomserver.log.1970-01-11", encoding: .utf8) == "one\n")
    }

    @Test func whatGoesWrongAgainAndAgainIsWrittenAFewTimesAMinute() {
        let repeated = RepeatedLines(aMinute: 2), start = ContinuousClock.now
        let line = RepeatedLines.Likeness(level: .error, label: "x", message: "lost", reason: "full")
        var other = line
        other.reason = "gone"
        #expect([0, 1, 2, 3].map { repeated.admit(line, at: start + .seconds($0)) } == [0, 0, nil, nil])
        #expect(repeated.admit(other, at: start + .seconds(4)) == 0)
        #expect(repeated.admit(line, at: start + .seconds(61)) == 2)
        #expect(repeated.admit(line, at: start + .seconds(62)) == 0)
    }

    @Test func aSinkHearsWhatReachesItsLevel() throws {
        let folder = try Folder()
        let sinks = try [
            SinkLogHandler.Sink(level: .warning, json: false, file: LogFile(folder: folder.path, name: "warnings")),
            SinkLogHandler.Sink(level: .debug, json: true, file: LogFile(folder: folder.path, name: "all")),
        ]
        let provider = Logger.MetadataProvider { ["request": "abc"] }
        let logger = Logger(label: "x") { SinkLogHandler(label: $0, sinks: sinks, metadataProvider: provider) }
        logger.trace("nobody")
        logger.debug("one", metadata: ["room": "!a:b"])
        logger.error("both")
        #expect(try String(contentsOfFile: "\(folder.path)/warnings.log", encoding: .utf8).split(separator: "\n").count == 1)
        let all = try String(contentsOfFile: "\(folder.path)/all.log", encoding: .utf8)
        #expect(all.split(separator: "\n").count == 2)
        #expect(all.contains(#""request":"abc","room":"!a:b""#))
    }
}
