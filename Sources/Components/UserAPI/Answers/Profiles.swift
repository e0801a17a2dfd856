import Contracts
import InternalAPI
import Matrix

extension UserServer {
    /// [Profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles): the whole must stay under 64 KiB.
    private static let mostProfileBytes = 64 << 10

    public func call(_ call: QueryProfile) async throws -> QueryProfile.Reply {
        if call.wantsInvitePermission == true {
            let found = try await database.query {
                try ProfileTable.fields(of: call.userID, withAccountData: "m.invite_permission_config", in: $0)
            }
            guard let found else { throw unknownProfile }
            return QueryProfile.Reply(
                fields: try RawJSON(validating: found.fields), invitePermission: try found.data.map { try RawJSON(validating: $0) })
        }
        guard let fields = try await database.query({ try ProfileTable.fields(of: call.userID, in: $0) }) else {
            throw unknownProfile
        }
        return QueryProfile.Reply(fields: try RawJSON(validating: fields))
    }

    public func call(_ call: SetProfileField) async throws -> Done {
        let value = call.value?.parsed()
        try await database.transaction { [carrying] tx in
            guard let stored = try ProfileTable.lockedFields(of: call.userID, in: tx) else { throw unknownProfile }
            var fields = try JSON(parsing: stored).object ?? [:]
            if carrying != nil, ProfileCarrying.fields.contains(call.field), fields[call.field] != value {
                try ProfileCarrying.claims.add(call.userID, in: tx)
            }
            fields[call.field] = value
            let bytes = fields.serialized()
            guard value == nil || bytes.count < Self.mostProfileBytes else {
                throw MatrixError(status: 400, errcode: "M_PROFILE_TOO_LARGE", error: "The profile is too large")
            }
            try ProfileTable.update(bytes, of: call.userID, in: tx)
        }
        carrying?.worker.nudge()
        return Done()
    }
}

private let unknownProfile = MatrixError.notFound("Profile not found")
