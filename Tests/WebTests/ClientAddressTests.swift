import Testing

@testable import Web

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false), ("1.2.3.4", "1.2.3.4", true),
        ("1.2.3.4", "1.2.3.5", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "8.8.8.8", true), ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("fe80::/10", "fe80::1%eth0", true),
    ]) func rangesHoldWhatTheyShould(range: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(IPAddress(address))) == isIn)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "::1/129", "example.org", "1.2.3.4/", "1.2.3.4/-1"])
    func whatIsNoRange(text: String) { #expect(AddressRange(text) == nil) }

    @Test(arguments: [
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"), ("127.0.0.1", nil, "127.0.0.1"), ("8.8.4.4", "8.8.8.8", "8.8.4.4"),
        (nil, "8.8.8.8", "8.8.8.8"), ("10.0.0.1", "1.1.1.1, 8.8.8.8, 10.0.0.2", "8.8.8.8"), ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"), ("10.0.0.1", "", "10.0.0.1"), ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ] as [(String?, String?, String)]) func theHeaderCountsWhereAProxySetIt(peer: String?, header: String?, address: String) {
        #expect(ClientAddress(proxies: AddressRange.nearby).address(of: peer, said: header) == address)
    }

    @Test func aHouseholdIsOneAddressOfTheOldKindOrManyOfTheNew() {
        #expect(IPAddress("2001:db8::1")?.household == IPAddress("2001:db8::ffff")?.household)
        #expect(IPAddress("2001:db8::1")?.household != IPAddress("2001:db8:0:1::1")?.household)
        #expect(IPAddress("1.2.3.4")?.household != IPAddress("1.2.3.5")?.household)
        #expect(IPAddress("1.2.3.4")?.household == IPAddress("::ffff:1.2.3.4")?.household)
    }
}
