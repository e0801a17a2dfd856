import Foundation
import Surroundings
import TestSupport
import Testing

/// `make chaos`, short.
@Suite struct ChaosTests {
    @Test func nothingAcknowledgedIsLostDoubledOrReorderedUnderThirtyKills() async throws {
        let folder = try Folder()
        let run = try await Command.run(
            "chaos", ["--kills", "30", "--seed", "7", "--short", "--logs", "\(repository)/data/chaos"], in: folder,
            within: .seconds(600))
        #expect(run.status == 0, "\(run.output.suffix(8_000))\n\(run.errors.suffix(2_000))")
    }
}
