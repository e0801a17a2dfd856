import SQL

/// The roomserver's tables, in the order in which they came. Migrations only add, and are never edited once released.
enum Schema {
    static var migrations: [Migration] {
        [
            Migration("0001 rooms") { RoomTable.schema },
            Migration("0002 events") { EventTable.schema },
            Migration("0003 current state") { CurrentStateTable.schema },
            Migration("0004 state groups") { StateGroupTable.schema },
            Migration("0005 membership") { MembershipTable.schema },
            Migration("0006 transactions") { TransactionTable.schema },
            Migration("0007 creations") { CreationTable.schema },
            Migration("0008 aliases") { AliasTable.schema },
            Migration("0009 summaries") { SummaryTable.schema },
            Migration("0010 people") { PeopleTable.schema },
            Migration("0011 reports") { ReportTable.schema },
            Migration("0012 guests") { MembershipTable.guests },
            Migration("0013 notice rooms") { NoticeTable.schema },
            Migration("0014 network rooms") { NetworkTable.schema },
            Migration("0015 versions of state") { CurrentStateTable.versions },
            Migration("0016 erased users") { ErasedTable.schema },
        ]
    }
}
