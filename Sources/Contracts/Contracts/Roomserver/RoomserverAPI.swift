import InternalAPI

/// What the roomserver does for other components: it owns the rooms, their events, state, aliases and directory.
public protocol RoomserverAPI: Sendable {
    // Writing
    func call(_: CreateRoom) async throws -> CreateRoom.Reply
    func call(_: UpgradeRoom) async throws -> UpgradeRoom.Reply
    func call(_: SendEvents) async throws -> SendEvents.Reply
    func call(_: ChangeMembership) async throws -> ChangeMembership.Reply
    func call(_: CarryProfile) async throws -> CarryProfile.Reply
    func call(_: ForgetRoom) async throws -> ForgetRoom.Reply
    func call(_: EraseUser) async throws -> EraseUser.Reply
    func call(_: SendServerNotice) async throws -> SendServerNotice.Reply
    func call(_: Report) async throws -> Report.Reply
    func call(_: QueryEventReports) async throws -> QueryEventReports.Reply
    func call(_: QueryEventReport) async throws -> QueryEventReport.Reply
    func call(_: DeleteEventReport) async throws -> DeleteEventReport.Reply
    // Reading a room
    func call(_: QueryStateEvent) async throws -> QueryStateEvent.Reply
    func call(_: QueryRoomState) async throws -> QueryRoomState.Reply
    func call(_: QueryMembers) async throws -> QueryMembers.Reply
    func call(_: QueryJoinedMembers) async throws -> QueryJoinedMembers.Reply
    func call(_: QueryThirdPartyInvite) async throws -> QueryThirdPartyInvite.Reply
    func call(_: QueryEvent) async throws -> QueryEvent.Reply
    func call(_: QueryMembership) async throws -> QueryMembership.Reply
    func call(_: QueryJoinedRooms) async throws -> QueryJoinedRooms.Reply
    func call(_: QueryRoomsOfUser) async throws -> QueryRoomsOfUser.Reply
    func call(_: SignRequest) async throws -> SignRequest.Reply
    // Aliases and the directory
    func call(_: SetRoomAlias) async throws -> SetRoomAlias.Reply
    func call(_: RemoveRoomAlias) async throws -> RemoveRoomAlias.Reply
    func call(_: QueryRoomAlias) async throws -> QueryRoomAlias.Reply
    func call(_: QueryRoomAliases) async throws -> QueryRoomAliases.Reply
    func call(_: SetRoomVisibility) async throws -> SetRoomVisibility.Reply
    func call(_: SetNetworkVisibility) async throws -> SetNetworkVisibility.Reply
    func call(_: QueryRoomVisibility) async throws -> QueryRoomVisibility.Reply
    func call(_: QueryPublishedRooms) async throws -> QueryPublishedRooms.Reply
    func call(_: QueryPublicRooms) async throws -> QueryPublicRooms.Reply
    // Discovery
    func call(_: QueryRoomSummary) async throws -> QueryRoomSummary.Reply
    func call(_: QueryHierarchy) async throws -> QueryHierarchy.Reply
    func call(_: QueryMutualRooms) async throws -> QueryMutualRooms.Reply
    func call(_: SearchUsers) async throws -> SearchUsers.Reply
    // The log, for listeners
    func call(_: QueryOutput) async throws -> QueryOutput.Reply
    func call(_: QueryOutputHeads) async throws -> QueryOutputHeads.Reply
    func call(_: QueryUserHeads) async throws -> QueryUserHeads.Reply
    func call(_: QueryRoomHead) async throws -> QueryRoomHead.Reply
}

/// The roomserver as seen from another component.
public struct RoomserverClient: RoomserverAPI, Client {
    public let link: any Link
    public init(_ link: any Link) { self.link = link }
}

extension Route where API == any RoomserverAPI {
    public static var roomserver: [Self] {
        [
            Route(CreateRoom.self) { try await $0.call($1) },
            Route(UpgradeRoom.self) { try await $0.call($1) },
            Route(SendEvents.self) { try await $0.call($1) },
            Route(ChangeMembership.self) { try await $0.call($1) },
            Route(CarryProfile.self) { try await $0.call($1) },
            Route(ForgetRoom.self) { try await $0.call($1) },
            Route(EraseUser.self) { try await $0.call($1) },
            Route(SendServerNotice.self) { try await $0.call($1) },
            Route(Report.self) { try await $0.call($1) },
            Route(QueryEventReports.self) { try await $0.call($1) },
            Route(QueryEventReport.self) { try await $0.call($1) },
            Route(DeleteEventReport.self) { try await $0.call($1) },
            Route(QueryStateEvent.self) { try await $0.call($1) },
            Route(QueryRoomState.self) { try await $0.call($1) },
            Route(QueryMembers.self) { try await $0.call($1) },
            Route(QueryJoinedMembers.self) { try await $0.call($1) },
            Route(QueryThirdPartyInvite.self) { try await $0.call($1) },
            Route(QueryEvent.self) { try await $0.call($1) },
            Route(QueryMembership.self) { try await $0.call($1) },
            Route(QueryJoinedRooms.self) { try await $0.call($1) },
            Route(QueryRoomsOfUser.self) { try await $0.call($1) },
            Route(SignRequest.self) { try await $0.call($1) },
            Route(SetRoomAlias.self) { try await $0.call($1) },
            Route(RemoveRoomAlias.self) { try await $0.call($1) },
            Route(QueryRoomAlias.self) { try await $0.call($1) },
            Route(QueryRoomAliases.self) { try await $0.call($1) },
            Route(SetRoomVisibility.self) { try await $0.call($1) },
            Route(SetNetworkVisibility.self) { try await $0.call($1) },
            Route(QueryRoomVisibility.self) { try await $0.call($1) },
            Route(QueryPublishedRooms.self) { try await $0.call($1) },
            Route(QueryPublicRooms.self) { try await $0.call($1) },
            Route(QueryRoomSummary.self) { try await $0.call($1) },
            Route(QueryHierarchy.self) { try await $0.call($1) },
            Route(QueryMutualRooms.self) { try await $0.call($1) },
            Route(SearchUsers.self) { try await $0.call($1) },
            Route(QueryOutput.self) { try await $0.call($1) },
            Route(QueryOutputHeads.self) { try await $0.call($1) },
            Route(QueryUserHeads.self) { try await $0.call($1) },
            Route(QueryRoomHead.self) { try await $0.call($1) },
        ]
    }
}
