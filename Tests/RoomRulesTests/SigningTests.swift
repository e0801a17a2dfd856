import Matrix
import TestSupport
import Testing

@testable import RoomRules

@Suite struct SigningTests {
    struct Vectors: Decodable {
        struct Pair: Decodable {
            let unsigned: JSONObject
            let signed: JSONObject
        }
        let seed: String
        let key_id: String
        let server_name: String
        let objects: [Pair]
        let events: [Pair]
    }

    let vectors: Vectors
    let key: SigningKey

    init() throws {
        vectors = try JSONCoder.decode(Vectors.self, from: vector("signing/signing.json"))
        key = try SigningKey(id: vectors.key_id, seed: #require(Base64.decode(vectors.seed)))
    }

    @Test func theSpecificationsObjectsAreSigned() throws {
        for pair in vectors.objects {
            #expect(try key.sign(pair.unsigned, as: vectors.server_name) == pair.signed)
            #expect(pair.signed.isSigned(by: vectors.server_name, keys: [key.verifyKey]))
        }
    }

    @Test func theSpecificationsEventsAreHashedAndSigned() throws {
        for pair in vectors.events {
            var event = pair.unsigned
            event["hashes"] = ["sha256": .string(Base64.encode(ContentHash.of(event)))]
            let signed = event.signedPart(type: try #require(event["type"]?.string), version: .v1).serialized()
            #expect(event.addingSignature(key.signature(of: signed), key: key.id, of: vectors.server_name) == pair.signed)
        }
    }

    @Test func aChangedObjectIsNotSigned() throws {
        var object = try key.sign(["a": 1, "unsigned": ["b": 2]], as: "domain")
        object["unsigned"] = nil
        #expect(object.isSigned(by: "domain", keys: [key.verifyKey]))
        #expect(!object.isSigned(by: "other", keys: [key.verifyKey]))
        #expect(!object.isSigned(by: "domain", keys: []))
        object["a"] = 2
        #expect(!object.isSigned(by: "domain", keys: [key.verifyKey]))
    }

    @Test func oneWrongSignatureSpoilsTheOthers() throws {
        let other = try SigningKey(id: "ed25519:2", seed: [UInt8](repeating: 2, count: 32))
        var object = try other.sign(key.sign(["a": 1], as: "domain"), as: "domain")
        #expect(object.isSigned(by: "domain", keys: [key.verifyKey, other.verifyKey]))
        object = object.addingSignature(key.signature(of: [1]), key: other.id, of: "domain")
        #expect(object.isSigned(by: "domain", keys: [key.verifyKey]))
        #expect(!object.isSigned(by: "domain", keys: [key.verifyKey, other.verifyKey]))
    }

    @Test func theKeyFileIsReadAndWritten() throws {
        let pem = """
            -----BEGIN MATRIX PRIVATE KEY-----
            Key-ID: ed25519:abcDEF

            YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA0=
            -----END MATRIX PRIVATE KEY-----

            """
        let read = try SigningKey(pem: pem)
        #expect(read.id == "ed25519:abcDEF")
        #expect(read.seed == Base64.decode(vectors.seed))
        #expect(read.pem == pem)
        #expect(try SigningKey(pem: pem.split(separator: "\n").joined(separator: "\r\n")).seed == read.seed)
    }

    @Test(arguments: [
        "", "-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: ed25519:a\n\nAAAA\n-----END MATRIX PRIVATE KEY-----",
        "-----BEGIN MATRIX PRIVATE KEY-----\n\nYJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=\n-----END MATRIX PRIVATE KEY-----",
        "-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: rsa:a\n\nYJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=\n-----END MATRIX PRIVATE KEY-----",
        "-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: ed25519:a\n\nYJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=",
    ])
    func aBadKeyFileIsRefused(_ pem: String) {
        #expect(throws: SigningKeyError.self) { try SigningKey(pem: pem) }
    }

    @Test func newKeysDiffer() throws {
        let keys = try (0..<2).map { _ in try SigningKey.generate { .random(in: .min ... .max) } }
        let (first, second) = (keys[0], keys[1])
        #expect(first.seed != second.seed)
        #expect(first.id.hasPrefix("ed25519:"))
    }

    @Test func keysCountUntilTheyExpire() {
        let bytes = [UInt8](repeating: 0, count: 32)
        let valid = VerifyKey(id: "ed25519:a", bytes: bytes, validUntilTS: 100)
        #expect(valid.counts(at: 100, version: .v5))
        #expect(!valid.counts(at: 101, version: .v5))
        #expect(valid.counts(at: 101, version: .v4))
        let expired = VerifyKey(id: "ed25519:a", bytes: bytes, expiredTS: 100)
        #expect(expired.counts(at: 100, version: .v1))
        #expect(!expired.counts(at: 101, version: .v1))
    }
}
