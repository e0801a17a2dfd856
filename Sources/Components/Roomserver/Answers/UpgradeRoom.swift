import Contracts
import Matrix
import RoomRules
import SQL

extension Roomserver {
    public func call(_ call: UpgradeRoom) async throws -> UpgradeRoom.Reply {
        try requireLocal([call.userID])
        let version = try roomVersion(call.version)
        guard call.additionalCreators.allSatisfy({ UserID($0) != nil }) else {
            throw MatrixError.invalidParam("additional_creators is not a list of user IDs")
        }
        var author = author
        for _ in 0..<20 {
            let upgrade = RoomUpgrade(call: call, version: version, author: author, writer: writer)
            do {
                let (reply, changes, told) = try await storage.write(upgrade.perform)
                committed(changes, told)
                return reply
            } catch DatabaseError.uniqueViolation {
                author.now += Int64.random(in: 1...20)
            }
        }
        throw MatrixError.unavailable("Too many rooms at once")
    }
}
