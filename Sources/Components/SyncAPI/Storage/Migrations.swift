import Delivery
import SQL

/// The projection that answers `/sync` and `/messages`: what the topics told, numbered.
enum SyncMigrations {
    static let all: [Migration] = [
        Migration("0001 projection") { [
            EventsTable.schema, EventsTable.roomIndex, EventsTable.stateIndex,
            CurrentStateTable.schema, CurrentStateTable.positionIndex,
            MembershipsTable.schema, MembershipsTable.userIndex, MembershipsTable.heroIndex,
            RoomsTable.schema, RoomsTable.positionIndex,
            ReceiptsTable.schema, ReceiptsTable.positionIndex,
            AccountDataTable.schema, AccountDataTable.positionIndex,
            TypingTable.schema, TypingTable.expiryIndex, TypingTable.roomsSchema,
            FiltersTable.schema,
        ] }
    ] + SyncPosition().leases.migrations + SyncCursors().cursors.migrations + SyncCursors().setAside.migrations + [
        Migration("0002 relations") { [
            RelationsTable.schema, RelationsTable.parentIndex, RelationsTable.typeIndex, RelationsTable.senderIndex,
            ThreadsTable.schema, ThreadsTable.lastIndex,
        ] },
        Migration("0003 search") { [SearchTable.schema, SearchTable.wordsIndex] },
        Migration("0004 unread") { [
            NotificationsTable.schema, NotificationsTable.roomIndex, NotificationsTable.differencesSchema,
            NotificationsTable.differencesIndex, PushRulesTable.schema, PushRulesTable.membersSchema, PushRulesTable.membersIndex,
        ] },
        Migration("presence") { [
            PresenceTable.schema, PresenceTable.positionIndex, PresenceTable.dueIndex,
            PresenceSyncsTable.schema, PresenceSyncsTable.replicaIndex, PresenceSyncsTable.replicasSchema,
        ] },
        Migration("0005 times of events") { EventsTable.timesSchema },
        Migration("0006 erased users") { [ErasedTable.schema, ErasedTable.roomColumn] },
        Migration("0007 progress") { [ProgressTable.schema] },
        Migration("0008 differences of notifications by room") { [NotificationsTable.differencesRoomIndex] },
        Migration("0009 state without members") { [CurrentStateTable.withoutMembersIndex] },
    ]
}
