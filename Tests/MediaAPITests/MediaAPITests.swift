import Foundation
import TestSupport
import Testing
import Web

@testable import MediaAPI

@Suite struct FileStoreTests {
    private let folder: String
    private let files: FileStore

    init() throws {
        folder = TestFolder.fresh()
        files = try FileStore(folder: folder)
    }

    private var uploading: [String] { (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/uploading")) ?? [] }

    @Test func whatIsStoredIsFoundByItsHash() async throws {
        let stored = try await files.store(BodyStream(Array("hello".utf8)))
        #expect(stored.size == 5 && stored.hash.count == 64)
        let file = try #require(try await files.open(stored.hash))
        #expect(try await files.read(file) == Array("hello".utf8))
        #expect(uploading.isEmpty)
    }

    @Test func anUploadThatBreaksOffLeavesNothing() async throws {
        struct Broken: Error {}
        let pieces = AsyncThrowingStream<[UInt8], any Error> { continuation in
            continuation.yield([1, 2, 3])
            continuation.finish(throwing: Broken())
        }
        await #expect(throws: Broken.self) { _ = try await files.store(pieces) }
        #expect(uploading.isEmpty)
    }

    @Test func whatKilledProcessesLeftIsDeletedAndWhatIsUnderWayIsNot() async throws {
        for name in ["old", "new"] { FileManager.default.createFile(atPath: "\(folder)/uploading/\(name)", contents: Data([1])) }
        let threeHours = Date(timeIntervalSinceNow: -3 * 3600)
        try FileManager.default.setAttributes([.modificationDate: threeHours], ofItemAtPath: "\(folder)/uploading/old")
        #expect(try await files.deleteAbandonedUploads(olderThan: .seconds(2 * 3600)) == 1)
        #expect(uploading == ["new"])
    }

    @Test func aFolderThatTakesNothingIsAnError() async throws {
        try FileManager.default.removeItem(atPath: "\(folder)/uploading")
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/uploading", withDestinationPath: "/dev/full")
        await #expect(throws: FileError.self) { _ = try await files.store(BodyStream([1, 2, 3])) }
    }
}
