import Contracts
import SQL

/// Which identity servers were told of which addresses, so that they can be told when that is over.
enum ThreePIDBindingTable {
    static func insert(_ binding: ThreePIDBinding, of userID: String, in tx: Transaction) throws {
        try tx.run(
            """
            INSERT INTO userapi_threepid_bindings (user_id, medium, address, id_server)
            VALUES (\(userID), \(binding.threePID.medium), \(binding.threePID.address), \(binding.idServer))
            ON CONFLICT DO NOTHING
            """)
    }

    static func delete(_ binding: ThreePIDBinding, of userID: String, in tx: Transaction) throws {
        try tx.run(
            """
            DELETE FROM userapi_threepid_bindings
            WHERE user_id = \(userID) AND medium = \(binding.threePID.medium) AND address = \(binding.threePID.address)
                AND id_server = \(binding.idServer)
            """)
    }

    static func bindings(of userID: String, in tx: Transaction) throws -> [ThreePIDBinding] {
        try tx.rows(
            """
            SELECT medium, address, id_server FROM userapi_threepid_bindings
            WHERE user_id = \(userID) ORDER BY medium, address, id_server
            """, as: String.self, String.self, String.self
        ).map { ThreePIDBinding(threePID: ThreePID(medium: $0.0, address: $0.1), idServer: $0.2) }
    }
}
