import Contracts
import Matrix

extension Roomserver {
    public func call(_ call: CarryProfile) async throws -> CarryProfile.Reply {
        try requireLocal([call.userID])
        let profile = MemberProfile(displayName: call.displayName, avatarURL: call.avatarURL, isGuest: call.isGuest)
        let limit = min(max(call.limit, 1), 100)
        let page = try await storage.read { tx in
            try MembershipTable.joinedRooms(of: call.userID, after: call.after ?? 0, limit: limit, tx)
        }
        // At once, so that they are committed together.
        try await withThrowingDiscardingTaskGroup { group in
            for room in page where profile.differs(from: room.member.content) {
                group.addTask { [self] in
                    do {
                        _ = try await change(room.roomID, .profile(ProfileRequest(userID: call.userID, profile: profile)))
                    } catch let error as MatrixError where error.errcode == "M_FORBIDDEN" || error.errcode == "M_NOT_FOUND" {
                        // The room goes without.
                    }
                }
            }
        }
        return CarryProfile.Reply(next: page.count == limit ? page.last?.nid : nil)
    }
}
