import Delivery
import SQL

/// The position of everything: the number of the projector's lease, raised by each transaction that writes.
struct SyncPosition: Sendable {
    static let leaseName = "projector"
    let leases = Leases(prefix: "syncapi")

    /// The last position whose writes this snapshot has.
    func current(in tx: Transaction) throws -> Int64 { try leases.position(of: Self.leaseName, in: tx) }
}
