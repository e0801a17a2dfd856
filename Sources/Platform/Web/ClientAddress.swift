/// From where a request comes that may have come through proxies: each says in a header from where it had it.
struct ClientAddress {
    /// Whose word counts.
    let proxies: [AddressRange]

    /// The address of the connection, or what the header says where the connection is a trusted proxy's. Of several
    /// addresses each proxy added the last, so the first from the right that is no proxy's counts.
    func address(of peer: String?, said header: String?) -> String? {
        guard let header, isProxy(peer) else { return peer }
        let said = header.split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }.compactMap { IPAddress($0) == nil ? nil : String($0) }
        return said.last { !isProxy($0) } ?? said.first ?? peer
    }

    /// What has no address is a socket of this machine.
    private func isProxy(_ peer: String?) -> Bool {
        guard let peer else { return true }
        guard let address = IPAddress(peer) else { return false }
        return proxies.contains { $0.contains(address) }
    }
}
