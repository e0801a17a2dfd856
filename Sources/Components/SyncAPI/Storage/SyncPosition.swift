import Delivery
import SQL

/// The position of everything: the number of the projector's lease, raised by each transaction that writes.
struct SyncPosition: Sendable {
    static let leaseName = "projector"
    /// Short, for nobody sees anything new between a holder's death and the expiry.
    let leases = Leases(prefix: "syncapi", duration: .seconds(5))

    /// The last position whose writes this snapshot has.
    func current(in tx: Transaction) throws -> Int64 { try leases.position(of: Self.leaseName, in: tx) }

    /// The same with the next statement that is waited for.
    func currentAhead(in tx: Transaction) throws -> () throws -> Int64 { try leases.positionAhead(of: Self.leaseName, in: tx) }
}
