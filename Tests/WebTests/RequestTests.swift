import Matrix
import Testing

@testable import Web

@Suite struct RequestTests {
    @Test func theQueryIsDecoded() throws {
        let query = Request(.get, "/x?a=1&b=%C3%A4+%2B&via=x&via=y&empty=&bare&c=true").query
        #expect(query["a"] == "1")
        #expect(query["b"] == "ä +")
        #expect(query.all("via") == ["x", "y"])
        #expect(query["empty"] == "" && query["bare"] == "" && query["none"] == nil)
        #expect(try query.integer("a") == 1 && query.bool("c") == true && query.integer("none") == nil)
        #expect(throws: MatrixError.self) { _ = try query.integer("b") }
        #expect(throws: MatrixError.self) { _ = try query.require("none") }
        #expect(!query.isMalformed)
        #expect(Query("a=%ff").isMalformed)
    }

    @Test func theTokenComesFromTheHeaderBeforeTheQuery() {
        #expect(Request(.get, "/x?access_token=q", headers: ["authorization": "Bearer h"]).accessToken == "h")
        #expect(Request(.get, "/x", headers: ["Authorization": "bearer  h "]).accessToken?.hasPrefix("h") == true)
        #expect(Request(.get, "/x?access_token=q").accessToken == "q")
        #expect(Request(.get, "/x", headers: ["Authorization": "Basic abc"]).accessToken == nil)
    }

    @Test func noTokenGetsIntoTheLog() {
        let query = Request(.get, "/x?a=1&access_token=secret&%61ccess_token=secret&b").redactedQuery
        #expect(!query.contains("secret"))
        #expect(query.contains("a=1"))
    }

    @Test func aRequestIDFromOutsideIsTakenOnlyWhenItIsHarmless() {
        #expect(RequestID.validated("abc-1_2.3") == "abc-1_2.3")
        for bad in ["", "a b", "a\nb", "ä", String(repeating: "a", count: 65)] { #expect(RequestID.validated(bad) == nil) }
        #expect(RequestID.validated(RequestID.generate()) != nil)
    }

    @Test func pathsAreEncodedSegmentBySegment() {
        #expect(percentEncoded("!a/b c:ä~") == "%21a%2Fb%20c%3A%C3%A4~")
    }

    @Test(arguments: [
        ("http://localhost:7771", "localhost", 7771), (":8008", "", 8008), ("[::]:8008", "::", 8008),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("https://[::1]:8448/", "::1", 8448), ("http://example.org", "example.org", 80),
    ]) func anAddressToListenOnIsRead(text: String, host: String, port: Int) throws {
        #expect(try ListenAddress(text) == ListenAddress(host: host, port: port))
    }

    @Test(arguments: ["", "localhost", "localhost:http", "::1", "host:65536", "ftp://x:1", "http://a/b:1", ":-1"])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(throws: ListenAddress.Invalid.self) { _ = try ListenAddress(text) }
    }

    @Test func secretsAreComparedWhole() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]) && constantTimeEqual([], []))
        #expect(
            !constantTimeEqual([1, 2, 3], [1, 2, 4]) && !constantTimeEqual([1, 2], [1, 2, 3]) && !constantTimeEqual([1], []))
    }

    @Test func theDateIsWrittenAsHTTPHasIt() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
