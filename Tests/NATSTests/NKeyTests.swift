import Crypto
import Foundation
import Testing

@testable import NATS

@Suite struct NKeyTests {
    @Test func theChecksumIsTheKnownOne() {
        #expect(CRC16.checksum(Array("123456789".utf8)) == 0x31C3)
    }

    @Test func aSeedOfTheDocumentationHasItsPublicKey() throws {
        let key = try NKey(seed: "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY")
        #expect(key.publicKey == "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4")
        #expect(key.kind == .user)
        #expect(key.seed == "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY")
    }

    @Test(arguments: NKey.Kind.allCases) func seedsGoRound(_ kind: NKey.Kind) throws {
        let key = NKey(kind: kind), again = try NKey(seed: key.seed)
        #expect(again.publicKey == key.publicKey && again.kind == kind)
    }

    @Test func brokenSeedsAreRefused() {
        let good = NKey(kind: .user).seed
        for seed in ["", "SU", String(good.dropLast()) + (good.hasSuffix("A") ? "E" : "A"), good.lowercased(), NKey(kind: .user).publicKey, good + "A"] {
            guard seed != good else { continue }
            #expect(throws: NATSError.self) { try NKey(seed: seed) }
        }
    }

    @Test func base32GoesRound() {
        for length in 0..<40 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
        }
        #expect(Base32.encode(Array("foobar".utf8)) == "MZXW6YTBOI")
        #expect(Base32.decode("M1") == nil)
    }

    @Test func aCredentialsFileHoldsAJWTAndASeed() throws {
        let seed = NKey(kind: .user).seed
        let text = """
            -----BEGIN NATS USER JWT-----
            eyJ0.eyJq.sig
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            -----BEGIN USER NKEY SEED-----
            \(seed)
            ------END USER NKEY SEED------
            """
        let credentials = try Credentials(parsing: text)
        #expect(credentials.jwt == "eyJ0.eyJq.sig")
        #expect(credentials.key.seed == seed)
        #expect(throws: NATSError.self) { try Credentials(parsing: "nothing") }
    }
}
